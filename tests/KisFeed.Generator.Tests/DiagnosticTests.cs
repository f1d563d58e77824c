using System.Globalization;
using Microsoft.CodeAnalysis;

namespace KisFeed.Generator.Tests;

/// <summary>Each error in a record is a diagnostic with its ID and location. In the sources, 《 and 》 mark the location.</summary>
public sealed class DiagnosticTests
{
    private const string Key = """[Column("CODE", "", IsKey = true)] public partial string Code { get; init; }""";

    [Theory]
    [InlineData(
        """[Column("A", "")] public partial string? A { get; init; } [Column("A", "")] public partial string? 《B》 { get; init; }""",
        "The element 'A' already belongs to the property 'A'")]
    [InlineData(
        """[Column("code", "")] public partial string? 《B》 { get; init; }""", "The element 'code' already belongs to the property 'Code'")]
    public void KISFEED001_DuplicateElement(string columns, string message) => ShouldReportInRecord(columns, "KISFEED001", message);

    [Theory]
    [InlineData("int?", "int?")]
    [InlineData("long", "long")]
    [InlineData("decimal", "decimal")]
    [InlineData("TimeOnly", "System.TimeOnly")]
    [InlineData("DateTime?", "System.DateTime?")]
    [InlineData("object", "object")]
    [InlineData("ChangeSign", "KisFeed.Feeds.ChangeSign")]
    [InlineData("string[]", "string[]")]
    [InlineData("Unknown?", "Unknown?")]
    public void KISFEED002_UnsupportedType(string type, string typeName) => ShouldReportInRecord(
        $$"""[Column("A", "")] public partial {{type}} 《A》 { get; init; }""",
        "KISFEED002",
        $"The property 'A' has the type '{typeName}'; a column is string, string?, long?, decimal?, TimeOnly?, DateOnly? or a nullable "
            + "enum over ulong, since any value may be absent");

    [Theory]
    [InlineData("public partial record struct 《Trade》")]
    [InlineData("public readonly record struct 《Trade》")]
    [InlineData("public readonly partial struct 《Trade》")]
    [InlineData("public partial record 《Trade》")]
    [InlineData("public partial class 《Trade》")]
    [InlineData("public readonly partial record struct 《Trade》<T>")]
    [InlineData("file readonly partial record struct 《Trade》")]
    public void KISFEED003_WrongKindOfRecord(string declaration) => ShouldReport(
        $$"""using System; using KisFeed.Feeds; [Feed("A1")] {{declaration}} { {{Key}} }""",
        "KISFEED003",
        "'Trade' must be a top-level 'readonly partial record struct' without type parameters");

    [Fact]
    public void KISFEED003_NestedRecord() => ShouldReport(
        $$"""using KisFeed.Feeds; public partial class Outer { [Feed("A1")] public readonly partial record struct 《Trade》 { {{Key}} } }""",
        "KISFEED003",
        "'Trade' must be a top-level 'readonly partial record struct' without type parameters");

    [Theory]
    [InlineData("")]
    [InlineData(" : long")]
    [InlineData(" : byte")]
    public void KISFEED004_NarrowEnum(string baseType) => ShouldReportInRecord(
        """[Column("A", "")] public partial Side? 《A》 { get; init; }""",
        "KISFEED004",
        "The enum 'Side' of 'A' must be over ulong, so that it can keep any code of up to eight characters",
        $"public enum Side{baseType} {{ Buy = 1 }}");

    [Theory]
    [InlineData("""[Column("CODE", "")] public partial string Code { get; init; }""", 0)]
    [InlineData("""[Column("CODE", "", IsKey = true)] public partial string A { get; init; } [Column("B", "", IsKey = true)] public """
        + """partial string B { get; init; }""", 2)]
    [InlineData("""[Column("CODE", "", IsKey = true)] public partial string? Code { get; init; }""", 1)]
    [InlineData("""[Column("CODE", "", IsKey = true)] public partial long? Code { get; init; }""", 1)]
    [InlineData("", 0)]
    public void KISFEED005_Keys(string columns, int count) => ShouldReport(
        $$"""using KisFeed.Feeds; [Feed("A1")] public readonly partial record struct 《Trade》 { {{columns}} }""",
        "KISFEED005",
        $"'Trade' marks {count.ToString(CultureInfo.InvariantCulture)} columns as key; exactly one text column holds the tr_key");

    [Theory]
    [InlineData("""[Feed("A1")]""", """[《Feed("A1")》]""", "A1")]
    [InlineData("""[Feed("A1", MockTrId = "A9")]""", """[《Feed("A9")》]""", "A9")]
    [InlineData("""[Feed("A1", MockTrId = "A9")]""", """[《Feed("A2", MockTrId = "A9")》]""", "A9")]
    [InlineData("""[Feed("A0"), Feed("A1", Member = "Other")]""", """[Feed("A2"), 《Feed("A1", Member = "Other")》]""", "A1")]
    public void KISFEED006_DuplicateTrId(string first, string second, string trId) => ShouldReport(
        $$"""
        using KisFeed.Feeds;
        {{first}} public readonly partial record struct First { {{Key}} }
        {{second}} public readonly partial record struct Second { {{Key}} }
        """,
        "KISFEED006",
        $"The TR ID '{trId}' already belongs to 'First'");

    [Fact]
    public void KISFEED006_WithinOneRecord() => ShouldReport(
        $$"""using KisFeed.Feeds; [Feed("A1"), 《Feed("A1", Member = "Other")》] public readonly partial record struct Trade { {{Key}} }""",
        "KISFEED006",
        "The TR ID 'A1' already belongs to 'Trade'");

    [Theory]
    [InlineData("《Revision(2)》", "2 is not a width below the record's 2 columns")]
    [InlineData("《Revision(3)》", "3 is not a width below the record's 2 columns")]
    [InlineData("《Revision(0)》", "0 is not a width below the record's 2 columns")]
    [InlineData("《Revision(-1)》", "-1 is not a width below the record's 2 columns")]
    [InlineData("《Revision(\"CODE\", \"X\")》", "another layout has 2 columns, so the two cannot be distinguished")]
    [InlineData("Revision(1), 《Revision(1)》", "another layout has 1 columns, so the two cannot be distinguished")]
    [InlineData(
        "Revision(\"CODE\", \"B\", \"X\"), 《Revision(\"CODE\", \"B\", \"Y\")》",
        "another layout has 3 columns, so the two cannot be distinguished")]
    [InlineData("Revision(1, IsCurrent = true), 《Revision(\"CODE\", \"B\", \"X\", IsCurrent = true)》", "another layout is the current one")]
    [InlineData("《Revision(\"CODE\", \"X\", \"x\")》", "'X' occurs twice")]
    [InlineData("《Revision(\"CODE\", \"\", \"X\")》", "an element is empty")]
    [InlineData("《Revision(\"CODE\", null!, \"X\")》", "an element is empty")]
    [InlineData("《Revision(\"B\", \"X\", \"Y\")》", "the key 'CODE' is missing")]
    [InlineData("《Revision()》", "it has 0 columns, not 1 to 512")]
    [InlineData("《Revision(null!)》", "it has 0 columns, not 1 to 512")]
    [InlineData("《Revision(\"B..CODE\")》", "'B..CODE' does not name columns of the record in their order")]
    [InlineData("《Revision(\"..X\")》", "'..X' does not name columns of the record in their order")]
    [InlineData("《Revision(\"CODE\", TrId = \"A2\")》", "A2 is not a feed of the record")]
    public void KISFEED007_Revisions(string revisions, string what) => ShouldReport(
        $$"""using KisFeed.Feeds; [Feed("A1")] [{{revisions}}] public readonly partial record struct Trade { {{Key}} [Column("B", "")] """
            + """public partial string? B { get; init; } }""",
        "KISFEED007",
        $"A revision of 'Trade' is wrong: {what}");

    [Fact]
    public void KISFEED007_TooManyColumns() => ShouldReport(
        $$"""using KisFeed.Feeds; [Feed("A1")] public readonly partial record struct 《Trade》 { {{Key}} {{string.Concat(
            Enumerable.Range(0, 512).Select(i => $"[Column(\"C{i}\", \"\")] public partial string? C{i} {{ get; init; }} "))}} }""",
        "KISFEED007",
        "A revision of 'Trade' is wrong: the record has 513 columns, more than 512");

    [Theory]
    [InlineData("get;")]
    [InlineData("get => null;")]
    public void KISFEED008_NotInit(string accessors) => ShouldReportInRecord(
        $$"""[Column("A", "")] public string? 《A》 { {{accessors}} }""",
        "KISFEED008",
        "The property 'A' needs an init accessor");

    [Theory]
    [InlineData("《GroupColumn(\"A{0}\", \"\", \"Nothing\", \"Price\", First = 1)》", "the record has no property Nothing")]
    [InlineData(
        "《GroupColumn(\"A{0}\", \"\", \"Code\", \"Price\", First = 1)》",
        "Code is neither a type marked with [ColumnGroup] nor Repeated<> of one")]
    [InlineData("《GroupColumn(\"A{0}\", \"\", \"Asks\", \"Price\")》", "Asks has several members: First is missing")]
    [InlineData("《GroupColumn(\"A{0}\", \"\", \"Asks\", \"Colour\", First = 1)》", "BookLevel has no property Colour")]
    [InlineData(
        "GroupColumn(\"A{0}\", \"\", \"Asks\", \"Price\", First = 1), 《GroupColumn(\"B{0}\", \"\", \"Asks\", \"Price\", First = 1)》",
        "AskPrice1 has a column already")]
    public void KISFEED016_Group_columns(string attributes, string what) => ShouldReportInRecord(
        $"[{attributes}] public partial KisFeed.Wire.Repeated<BookLevel> Asks {{ get; init; }}",
        "KISFEED016",
        $"A column of a group of 'Trade' is wrong: {what}");

    [Fact]
    public void KISFEED009_EmptyElement() => ShouldReportInRecord(
        """[Column("", "")] public partial string? 《A》 { get; init; }""",
        "KISFEED009",
        "The property 'A' needs the element name that the broker's document gives the column");

    [Theory]
    [InlineData("《Feed(\"\")》", "\"\" is not a TR ID of 1 to 16 letters and digits")]
    [InlineData("《Feed(\"H0-UP\")》", "\"H0-UP\" is not a TR ID of 1 to 16 letters and digits")]
    [InlineData("《Feed(\"ABCDEFGHIJKLMNOPQ\")》", "\"ABCDEFGHIJKLMNOPQ\" is not a TR ID of 1 to 16 letters and digits")]
    [InlineData("《Feed(\"A1\", MockTrId = \"지수\")》", "\"지수\" is not a TR ID of 1 to 16 letters and digits")]
    [InlineData("Feed(\"A1\"), 《Feed(\"A2\")》", "the record has a member Feed already; give this feed another Member")]
    [InlineData("《Feed(\"A1\", Member = \"Code\")》", "the record has a member Code already; give this feed another Member")]
    [InlineData("《Feed(\"A1\", Member = \"a-b\")》", "\"a-b\" is not a name for a property")]
    [InlineData("《Feed(\"A1\", Member = \"\")》", "\"\" is not a name for a property")]
    public void KISFEED010_Feeds(string feeds, string what) => ShouldReport(
        $$"""using KisFeed.Feeds; [{{feeds}}] public readonly partial record struct Trade { {{Key}} }""",
        "KISFEED010",
        $"A feed of 'Trade' is wrong: {what}");

    [Theory]
    [InlineData("string?", "CumulativeVolume")]
    [InlineData("string?", "TradeVolume")]
    [InlineData("TimeOnly?", "CumulativeVolume")]
    [InlineData("ChangeSign?", "TradeVolume")]
    [InlineData("string?", "Price")]
    [InlineData("TimeOnly?", "CumulativeTurnover")]
    [InlineData("string?", "TradeTurnover")]
    public void KISFEED011_RoleOfAnotherType(string type, string role) => ShouldReportInRecord(
        $$"""[Column("A", "", Role = KisFeed.Wire.ColumnRole.{{role}})] public partial {{type}} 《A》 { get; init; }""",
        "KISFEED011",
        $"The property 'A' has the role {role}, which only a long? or a decimal? can have");

    [Theory]
    [InlineData("TradeVolume", "long?", "decimal?")]
    [InlineData("TradeTurnover", "decimal?", "long?")]
    [InlineData("Price", "decimal?", "decimal?")]
    [InlineData("Time", "TimeOnly?", "TimeOnly?")]
    public void KISFEED012_DuplicateRole(string role, string first, string second) => ShouldReportInRecord(
        $$"""[Column("A", "", Role = KisFeed.Wire.ColumnRole.{{role}})] public partial {{first}} A { get; init; } [Column("B", "", Role """
            + $$"""= KisFeed.Wire.ColumnRole.{{role}})] public partial {{second}} 《B》 { get; init; }""",
        "KISFEED012",
        $"The property 'B' has the role {role}, which 'A' has already; a record has one column of it");

    [Theory]
    [InlineData("CumulativeVolume", "TradeVolume", "volumes")]
    [InlineData("TradeVolume", "CumulativeVolume", "volumes")]
    [InlineData("CumulativeVolume", "CumulativeVolume", "volumes")]
    [InlineData("CumulativeTurnover", "TradeTurnover", "turnovers")]
    [InlineData("TradeTurnover", "CumulativeTurnover", "turnovers")]
    [InlineData("CumulativeTurnover", "CumulativeTurnover", "turnovers")]
    public void KISFEED013_RoleUnit(string first, string second, string what) => ShouldReportInRecord(
        $$"""[Column("A", "", Unit = "shares", Role = KisFeed.Wire.ColumnRole.{{first}})] public partial long? A { get; init; } """
            + $$"""[Column("B", "", Role = KisFeed.Wire.ColumnRole.{{second}})] public partial long? 《B》 { get; init; }""",
        "KISFEED013",
        $"The property 'B' has another unit than 'A', so that the two {what} cannot be added up");

    [Theory]
    [InlineData("string?")]
    [InlineData("long?")]
    [InlineData("decimal?")]
    [InlineData("ChangeSign?")]
    public void KISFEED014_TimeRoleOfAnotherType(string type) => ShouldReportInRecord(
        $$"""[Column("A", "", Role = KisFeed.Wire.ColumnRole.Time)] public partial {{type}} 《A》 { get; init; }""",
        "KISFEED014",
        "The property 'A' has the role Time, which only a TimeOnly? can have");

    [Theory]
    [InlineData("decimal?")]
    [InlineData("string")]
    public void KISFEED015_NotPartialProperty(string type) => ShouldReportInRecord(
        $$"""[Column("A", "")] public {{type}} 《A》 { get; init; }""",
        "KISFEED015",
        "The property 'A' must be partial: how its value is kept is generated");

    [Fact]
    public void SeveralErrors_AreAllReported()
    {
        var run = GeneratorRun.Of("""
            using KisFeed.Feeds;
            [Feed("A1")]
            public partial record struct Trade
            {
                [Column("", "")] public partial int A { get; set; }
                [Column("", "")] public partial long? B { get; init; }
            }
            """);

        run.Diagnostics.Select(d => d.Id).Order(StringComparer.Ordinal)
            .ShouldBe(["KISFEED002", "KISFEED003", "KISFEED005", "KISFEED008", "KISFEED009", "KISFEED009"]);
        run.Result.GeneratedTrees.ShouldBeEmpty();
    }

    [Fact]
    public void AnErrorInOneRecord_DoesNotAffectOthers()
    {
        var run = GeneratorRun.Of(
            $$"""using KisFeed.Feeds; [Feed("A1")] public readonly partial record struct Good { {{Key}} }""",
            """using KisFeed.Feeds; [Feed("A2")] public readonly partial record struct Bad { }""");

        run.Diagnostics.ShouldHaveSingleItem().Location.GetLineSpan().Path.ShouldBe("Source1.cs");
        run.Result.GeneratedTrees.Select(t => Path.GetFileName(t.FilePath))
            .ShouldBe(["Good.g.cs", "GeneratedFeeds.g.cs"], ignoreOrder: true);
    }

    [Fact]
    public void EveryDiagnostic_IsAnErrorWithAnEntryInTheReleaseNotes()
    {
        var ids = typeof(DiagnosticTests).GetMethods().Select(m => m.Name.Split('_')[0])
            .Where(n => n.StartsWith("KISFEED", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        ids.ShouldBe(Enumerable.Range(1, 16).Select(i => $"KISFEED{i:D3}"));
    }

    private static void ShouldReportInRecord(string columns, string id, string message, string additionalSource = "") => ShouldReport(
        $$"""
        using System;
        using KisFeed.Feeds;
        namespace Mine;
        {{additionalSource}}
        [Feed("A1")]
        public readonly partial record struct Trade
        {
            {{Key}}
            {{columns}}
        }
        """,
        id,
        message);

    private static void ShouldReport(string marked, string id, string message)
    {
        var start = marked.IndexOf('《', StringComparison.Ordinal);
        var end = marked.IndexOf('》', StringComparison.Ordinal) - 1;
        var source = marked.Replace("《", "", StringComparison.Ordinal).Replace("》", "", StringComparison.Ordinal);

        var diagnostic = GeneratorRun.Of(source).Diagnostics.ShouldHaveSingleItem();

        diagnostic.Id.ShouldBe(id);
        diagnostic.GetMessage(CultureInfo.InvariantCulture).ShouldBe(message);
        diagnostic.Severity.ShouldBe(DiagnosticSeverity.Error);
        diagnostic.Location.GetLineSpan().Path.ShouldBe("Source0.cs");
        source[diagnostic.Location.SourceSpan.Start..diagnostic.Location.SourceSpan.End].ShouldBe(source[start..end]);
        diagnostic.Location.SourceSpan.Start.ShouldBe(start);
    }
}

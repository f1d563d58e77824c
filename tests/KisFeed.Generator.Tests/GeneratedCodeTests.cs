using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using KisFeed.Wire;
using Microsoft.CodeAnalysis;

namespace KisFeed.Generator.Tests;

/// <summary>Generated code compiles without warnings and implements what the record declares.</summary>
public sealed class GeneratedCodeTests
{
    private const string Simple = """
        using System;
        using KisFeed.Feeds;
        namespace Mine;
        /// <summary>A record.</summary>
        [Feed("H0TEST00", Alias = "test", Korean = "시험", Document = "실시간-000",
            KeyMeaning = "code", KeyExample = "A", MockTrId = "H0TEST09", IsNotice = true)]
        public readonly partial record struct Trade
        {
            [Column("CODE", "코드", IsKey = true)] public partial string Code { get; init; }
            [Column("NAME", "이름")] public partial string? Name { get; init; }
            [Column("QTY", "수량", Unit = "shares", ZeroPadding = 10)] public partial long? Quantity { get; init; }
            [Column("PRC", "가격")] public partial decimal? Price { get; init; }
            [Column("HOUR", "시각")] public partial TimeOnly? Time { get; init; }
            [Column("SIGN", "부호")] public partial ChangeSign? Sign { get; init; }
            public int NotAColumn => 1;
        }
        """;

    [Fact]
    public void AllColumnTypes_AreSupported()
    {
        var schema = Schema(GeneratorRun.Load(Simple), "Mine.Trade", "Feed");

        schema.Columns.Select(c => $"{c.Element} {c.Korean} {c.Name} {c.Type} {c.Unit} {c.ZeroPadding} {c.Codes.Count}").ShouldBe(
        [
            "CODE 코드 Code Text  0 0",
            "NAME 이름 Name Text  0 0",
            "QTY 수량 Quantity Integer shares 10 0",
            "PRC 가격 Price Decimal  0 0",
            "HOUR 시각 Time Time  0 0",
            "SIGN 부호 Sign Code  0 5",
        ]);
        (schema.TrId, schema.MockTrId, schema.Alias, schema.Korean, schema.RecordName, schema.Document, schema.KeyMeaning,
            schema.KeyExample, schema.IsNotice, schema.KeyColumn)
            .ShouldBe(("H0TEST00", "H0TEST09", "test", "시험", "Trade", "실시간-000", "code", "A", true, 0));
        schema.Layouts.Select(l => l.Width).ShouldBe([6]);
    }

    [Theory]
    [InlineData("KisFeed.Feeds", true)]
    [InlineData("Users.Own", false)]
    public void A_property_of_this_library_without_documentation_gets_that_of_its_name(string space, bool isOfLibrary)
    {
        var source = GeneratorRun.Of($$"""
            using System;
            using KisFeed.Feeds;
            namespace {{space}};
            /// <summary>A record.</summary>
            [Feed("A1")]
            public readonly partial record struct Trade
            {
                [Column("CODE", "", IsKey = true)] public partial string Code { get; init; }
                [Column("OPRC", "")] public partial decimal? Open { get; init; }
                /// <summary>The high of all venues.</summary>
                [Column("HGPR", "")] public partial decimal? High { get; init; }
            }
            """).Result.GeneratedTrees[0].ToString();

        source.Contains("/// <summary>Today's opening price.</summary>", StringComparison.Ordinal).ShouldBe(isOfLibrary);
        source.ShouldNotContain("highest price");
    }

    [Fact]
    public void Roles_AreTakenFromTheAttributes()
    {
        var assembly = GeneratorRun.Load("""
            using System;
            using KisFeed.Feeds;
            using KisFeed.Wire;
            [Feed("A1")]
            public readonly partial record struct Trade
            {
                [Column("CODE", "", IsKey = true)] public partial string Code { get; init; }
                [Column("OWN", "", Role = ColumnRole.TradeVolume)] public partial long? Own { get; init; }
                [Column("SOLD", "", Role = ColumnRole.CumulativeVolume)] public partial long? Sold { get; init; }
                [Column("BOUGHT", "", Role = ColumnRole.CumulativeVolume)] public partial decimal? Bought { get; init; }
                [Column("NET", "", Role = ColumnRole.None)] public partial long? Net { get; init; }
                [Column("OPENED", "")] public partial TimeOnly? Opened { get; init; }
                [Column("HOUR", "", Role = ColumnRole.Time)] public partial TimeOnly? Hour { get; init; }
                [Column("PRC", "", Unit = "KRW", Role = ColumnRole.Price)] public partial decimal? Price { get; init; }
                [Column("VALUE", "", Unit = "1,000 KRW", Role = ColumnRole.TradeTurnover)] public partial long? Value { get; init; }
                [Column("VALUES", "", Unit = "1,000 KRW", Role = ColumnRole.CumulativeTurnover)]
                public partial decimal? Values { get; init; }
            }
            """);
        var schema = Schema(assembly, "Trade", "Feed");

        schema.Columns.Select(c => c.Role).ShouldBe(
        [
            ColumnRole.None, ColumnRole.TradeVolume, ColumnRole.CumulativeVolume, ColumnRole.CumulativeVolume, ColumnRole.None,
            ColumnRole.None, ColumnRole.Time, ColumnRole.Price, ColumnRole.TradeTurnover, ColumnRole.CumulativeTurnover,
        ]);
        schema.TimeColumn.ShouldBe(6);
        schema.ColumnsWith(ColumnRole.CumulativeVolume).ShouldBe([2, 3]);

        dynamic record = Activator.CreateInstance(assembly.GetType("Trade")!)!;
        Set(record, "ReceivedAt", new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero));
        Set(record, "Opened", new TimeOnly(9, 0));
        Set(record, "Hour", new TimeOnly(8, 59));
        ((DateTimeOffset?)record.Timestamp).ShouldBe(new DateTimeOffset(2026, 11, 20, 8, 59, 0, TimeSpan.FromHours(9)));

        static void Set(object record, string property, object value) => record.GetType().GetProperty(property)!.SetValue(record, value);
    }

    [Fact]
    public void TheFirstTimeColumn_IsUsed_IfNoneHasTheRole()
    {
        var assembly = GeneratorRun.Load(Simple);

        Schema(assembly, "Mine.Trade", "Feed").TimeColumn.ShouldBe(4);
    }

    [Fact]
    public void ACatalogOfTheFeedList_ContainsTheMockFeedSeparately() =>
        new FeedCatalog([]).With(All(GeneratorRun.Load(Simple), "Mine")).Feeds.Select(f => $"{f.TrId} {f.Alias}")
            .ShouldBe(["H0TEST00 test", "H0TEST09 test-mock"]);

    [Fact]
    public void OneRecord_CanHaveSeveralFeeds()
    {
        var assembly = GeneratorRun.Load("""
            using KisFeed.Feeds;
            namespace Mine;
            [Feed("A1", Member = "First"), Feed("A2", Member = "Second")]
            [Feed("A3")]
            public readonly partial record struct Trade
            {
                [Column("NAME", "")] public partial string? Name { get; init; }
                [Column("CODE", "", IsKey = true)] public partial string Code { get; init; }
            }
            """);

        new[] { "First", "Second", "Feed" }.Select(m => Schema(assembly, "Mine.Trade", m).TrId).ShouldBe(["A1", "A2", "A3"]);
        Schema(assembly, "Mine.Trade", "First").KeyColumn.ShouldBe(1);
        All(assembly, "Mine").Select(f => f.TrId).ShouldBe(["A1", "A2", "A3"]);
    }

    [Fact]
    public void BothKindsOfRevision_AreSupported()
    {
        var schema = Schema(GeneratorRun.Load("""
            using KisFeed.Feeds;
            [Feed("A1")]
            [Revision(2)]
            [Revision("NEW", "C", "code", "B", "\"Q\\")]
            [Revision("CODE")]
            public readonly partial record struct Trade
            {
                [Column("CODE", "", IsKey = true)] public partial string Code { get; init; }
                [Column("B", "")] public partial string? B { get; init; }
                [Column("C", "")] public partial string? C { get; init; }
            }
            """), "Trade", "Feed");

        schema.Layouts.Select(l => l.Width).ShouldBe([1, 2, 3, 5]);
        Positions(schema.Layouts[0]).ShouldBe([0, -1, -1]);
        Positions(schema.Layouts[1]).ShouldBe([0, 1, -1]);
        Positions(schema.Layouts[2]).ShouldBe([0, 1, 2]);
        Positions(schema.Layouts[3]).ShouldBe([2, 3, 1]);
        schema.Layouts[3].ExtraColumns.Select(c => c.Element).ShouldBe(["NEW", "\"Q\\"]);

        static IEnumerable<int> Positions(FeedLayout layout) => Enumerable.Range(0, 3).Select(layout.PositionOf);
    }

    [Fact]
    public void RecordsOfEqualNames_InSeveralNamespaces_AreSupported()
    {
        var assembly = GeneratorRun.Load(
            Trade("", "A1"),
            Trade("namespace One;", "A2"),
            Trade("namespace One.Two;", "A3"));

        new[] { "Trade", "One.Trade", "One.Two.Trade" }.Select(t => Schema(assembly, t, "Feed").TrId).ShouldBe(["A1", "A2", "A3"]);
        All(assembly, "").Select(f => f.TrId).ShouldBe(["A1", "A2", "A3"]);

        static string Trade(string prefix, string trId) => $$"""
            using KisFeed.Feeds;
            {{prefix}}
            [Feed("{{trId}}")]
            public readonly partial record struct Trade
            {
                [Column("CODE", "", IsKey = true)] public partial string Code { get; init; }
            }
            """;
    }

    [Fact]
    public void TextsThatLookLikeCode_AreEscaped()
    {
        var schema = Schema(GeneratorRun.Load("""
            using KisFeed.Feeds;
            [Feed("A1", Alias = "a\"b\\c", Korean = "<한글> & \"따옴표\"\r\n*/ ///", KeyMeaning = "{0}\t", KeyExample = "\0\u2028")]
            public readonly partial record struct Trade
            {
                [Column("C\"O\\D\nE", "코\"드\\", IsKey = true, Unit = "\"%\\")] public partial string Code { get; init; }
            }
            """), "Trade", "Feed");

        (schema.Alias, schema.Korean, schema.KeyMeaning, schema.KeyExample)
            .ShouldBe(("a\"b\\c", "<한글> & \"따옴표\"\r\n*/ ///", "{0}\t", "\0\u2028"));
        (schema.Columns[0].Element, schema.Columns[0].Korean, schema.Columns[0].Unit).ShouldBe(("C\"O\\D\nE", "코\"드\\", "\"%\\"));
    }

    [Fact]
    public void NamesThatAreKeywords_OrHideTypes_AreSupported()
    {
        var assembly = GeneratorRun.Load("""
            using System;
            using KisFeed.Feeds;
            namespace @namespace.Mine;
            public sealed class Column;
            public sealed class FeedSchema;
            public sealed class DateTimeOffset;
            public sealed class Feed<T>;
            public sealed class ExchangeTime;
            [Feed("A1", Member = "event")]
            public readonly partial record struct @class
            {
                [Column("CODE", "", IsKey = true)] public partial string @string { get; init; }
                [Column("ENUM", "")] public partial Codes.@enum? @enum { get; init; }
                [Column("TIME", "")] public partial TimeOnly? time { get; init; }
                [Column("REC", "")] public partial string? record { get; init; }
                [Column("FIELDS", "")] public partial long? fields { get; init; }
                [Column("TYPE", "")] public partial decimal? ColumnType { get; init; }
            }
            public static class Codes
            {
                public enum @enum : ulong { None = 0, @if = 'I', Both = ('a' << 8) | '"', Alias = 'I' }
            }
            """);

        var schema = Schema(assembly, "namespace.Mine.class", "event");
        schema.Columns.Select(c => c.Name).ShouldBe(["string", "enum", "time", "record", "fields", "ColumnType"]);
        schema.Columns[1].Codes.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key}={c.Value.Name}")
            .ShouldBe(["I=Alias", "a\"=Both"]);
    }

    [Fact]
    public void ARecordInSeveralParts_IsOneRecord()
    {
        var assembly = GeneratorRun.Load(
            """
            using KisFeed.Feeds;
            [Feed("A1", Member = "One")]
            public readonly partial record struct Trade
            {
                [Column("CODE", "", IsKey = true)] public partial string Code { get; init; }
            }
            """,
            """
            using KisFeed.Feeds;
            [Feed("A2", Member = "Two")]
            public readonly partial record struct Trade
            {
                [Column("B", "")] public partial string? B { get; init; }
            }
            """);

        Schema(assembly, "Trade", "One").Columns.Length.ShouldBe(2);
        Schema(assembly, "Trade", "Two").TrId.ShouldBe("A2");
    }

    [Fact]
    public void WithoutRecords_NothingIsGenerated() =>
        GeneratorRun.Of("public sealed class Nothing;").Result.GeneratedTrees.ShouldBeEmpty();

    [Fact]
    public void TheSameSources_GenerateTheSameCode() =>
        Generated(GeneratorRun.Of(Simple)).ShouldBe(Generated(GeneratorRun.Of(Simple)));

    private static string Generated(GeneratorRun run) =>
        run.Result.GeneratedTrees.Aggregate(new StringBuilder(), (all, tree) => all.Append(tree.FilePath).Append(tree)).ToString();

    private static FeedSchema Schema(Assembly assembly, string type, string member) =>
        GeneratorRun.SchemaOf(assembly.GetType(type, throwOnError: true)!, member);

    private static ImmutableArray<FeedSchema> All(Assembly assembly, string prefix) =>
        (ImmutableArray<FeedSchema>)assembly.GetType(
            prefix.Length > 0 ? $"{prefix}.GeneratedFeeds" : "GeneratedFeeds", throwOnError: true)!.GetProperty("All")!.GetValue(null)!;
}

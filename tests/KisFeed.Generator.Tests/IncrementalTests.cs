using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KisFeed.Generator.Tests;

/// <summary>The generator runs at every keystroke, so an edit must regenerate only affected code.</summary>
public sealed class IncrementalTests
{
    private const string Record = """
        using KisFeed.Feeds;
        [Feed("A1")]
        [Revision(1)]
        public readonly partial record struct Trade
        {
            [Column("CODE", "", IsKey = true)] public partial string Code { get; init; }
            [Column("SIGN", "")] public partial ChangeSign? Sign { get; init; }
        }
        """;

    [Fact]
    public void AnUnrelatedFile_LeavesTheRecordCached()
    {
        var (before, after) = Edit("public sealed class Other;", "public sealed class Other { public int More; }", index: 1);

        Reasons(after, FeedGenerator.RecordsStep).ShouldBe([IncrementalStepRunReason.Cached]);
        Reasons(after, FeedGenerator.AllRecordsStep).ShouldBe([IncrementalStepRunReason.Cached]);
        OutputReasons(after).ShouldAllBe(r => r == IncrementalStepRunReason.Cached);
        after.GeneratedTrees.Length.ShouldBe(before.GeneratedTrees.Length);
    }

    [Fact]
    public void AnEditOutsideTheColumns_LeavesTheModelUnchanged()
    {
        var (_, after) = Edit(
            Record,
            "// A comment that moves everything.\n" + Record.Replace("Revision(1)", "Revision( 1 )", StringComparison.Ordinal),
            index: 0);

        // The file is parsed again, but the model is equal, so no later step runs.
        Reasons(after, FeedGenerator.RecordsStep).ShouldBe([IncrementalStepRunReason.Cached]);
        Reasons(after, FeedGenerator.AllRecordsStep).ShouldBe([IncrementalStepRunReason.Cached]);
    }

    [Theory]
    [InlineData("\"SIGN\"", "\"OTHER\"")]
    [InlineData("Revision(1)", "Revision(\"CODE\", \"A\", \"B\")")]
    [InlineData("\"A1\"", "\"A2\"")]
    [InlineData("IsKey = true", "IsKey = true, Unit = \"%\"")]
    public void AnEditOfTheRecord_RegeneratesIt(string old, string replacement)
    {
        var (before, after) = Edit(Record, Record.Replace(old, replacement, StringComparison.Ordinal), index: 0);

        Reasons(after, FeedGenerator.RecordsStep).ShouldBe([IncrementalStepRunReason.Modified]);
        after.GeneratedTrees[0].ToString().ShouldNotBe(before.GeneratedTrees[0].ToString(), StringComparer.Ordinal);
    }

    private static (GeneratorDriverRunResult Before, GeneratorDriverRunResult After) Edit(string before, string after, int index)
    {
        string[] sources = [Record, "public sealed class Other;"];
        sources[index] = before;
        var compilation = GeneratorRun.Compile(sources);
        var driver = GeneratorRun.CreateDriver().RunGenerators(compilation);
        var first = driver.GetRunResult();
        var tree = compilation.SyntaxTrees[index];
        var edited = CSharpSyntaxTree.ParseText(after, (CSharpParseOptions)tree.Options, tree.FilePath);
        return (first, driver.RunGenerators(compilation.ReplaceSyntaxTree(tree, edited)).GetRunResult());
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorDriverRunResult result, string step) =>
        result.Results.Single().TrackedSteps[step].SelectMany(s => s.Outputs).Select(o => o.Reason);

    private static IEnumerable<IncrementalStepRunReason> OutputReasons(GeneratorDriverRunResult result) =>
        result.Results.Single().TrackedOutputSteps.SelectMany(s => s.Value).SelectMany(s => s.Outputs).Select(o => o.Reason);
}

using System.Text.RegularExpressions;
using KisFeed.Benchmarks.Comparing;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Tests;

/// <summary>The results in docs/performance.md are written by the benchmarks.</summary>
public sealed partial class ResultPageTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "performance.md"))
        .ReplaceLineEndings("\n");

    public static TheoryData<string> Sections =>
        ["check", .. new BenchmarksCommand().Subcommands.Single(c => c.Name == "compare").Subcommands.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Sections))]
    public void Every_suite_has_results_with_date_and_commit(string name)
    {
        var section = SectionPattern().Matches(s_page).SingleOrDefault(m => m.Groups["name"].Value == name);
        section.ShouldNotBeNull($"docs/performance.md has no section '{ResultPage.BeginOf(name)}'");
        section.Value.ShouldMatch("on [0-9]{4}-[0-9]{2}-[0-9]{2}, commit [0-9a-f]{10}: ");
    }

    /// <summary>A figure in a text is older than its code after the first change that concerns it.</summary>
    [Fact]
    public void Outside_of_results_there_is_no_table_and_no_measured_value()
    {
        var prose = SectionPattern().Replace(s_page, "");
        prose.Split('\n').Where(line => line.StartsWith('|')).ShouldBeEmpty();
        MeasuredPattern().Matches(prose).Select(m => m.Value).ShouldBeEmpty();
    }

    [Fact]
    public void Replacing_a_section_changes_nothing_else()
    {
        const string Page =
            "before\n<!-- results: a -->\nold\n<!-- end of results -->\nbetween\n<!-- results: b -->\nkept\n<!-- end of results -->\n";

        ResultPage.Replace(Page, "a", "new\n").ShouldBe(
            "before\n<!-- results: a -->\n\nnew\n\n<!-- end of results -->\nbetween\n<!-- results: b -->\nkept\n<!-- end of results -->\n");
        Should.Throw<InvalidOperationException>(() => ResultPage.Replace(Page, "c", "new"));
    }

    [GeneratedRegex("<!-- results: (?<name>[a-z]+) -->(?s:.*?)<!-- end of results -->", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex SectionPattern();

    [GeneratedRegex(@"[0-9][0-9.,]* ?(×|(ns|µs|ms|KiB|MiB|MB|GB|cores)\b)", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex MeasuredPattern();
}

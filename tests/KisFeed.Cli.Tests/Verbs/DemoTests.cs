using KisFeed.Cli.Hosting;
using KisFeed.Cli.Tests.Running;

namespace KisFeed.Cli.Tests.Verbs;

public sealed class DemoTests
{
    private static readonly string[] s_feeds = ["H0UPCNT0", "H0BJCNT0", "H0NXPGM0", "H0UNPGM0", "H0IFCNI0"];

    [Fact]
    public async Task Ticks_of_all_five_feeds_come_in_aligned_lines()
    {
        var run = await CommandRun.UntilAsync(s_feeds, new Dictionary<string, string>(StringComparer.Ordinal), "demo", "--plain", "--rate", "500");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        foreach (var line in run.Lines)
        {
            line.ShouldMatch(@"^\d\d:\d\d:\d\d H0[A-Z]{5}0 \w+ +\S");
            s_feeds.ShouldContain(line[9..17], StringComparer.Ordinal);
        }

        // Where a Korean character takes two cells, a line's characters shift but its cells do not.
        var columns = run.Lines.Where(l => l[9..17] == "H0NXPGM0").Select(l => Spectre.Console.StringExtensions.GetCellWidth(l[..l.IndexOf("  net ", StringComparison.Ordinal)])).Distinct();
        columns.ShouldHaveSingleItem();
        run.Output.ShouldContain("삼성전자");
        run.Output.ShouldNotContain("\e");
        run.Error.ShouldContain(" records in ");
    }

    [Fact]
    public async Task It_ends_when_its_time_is_over()
    {
        var run = await CommandRun.OfAsync("demo", "--duration", "200ms");
        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
    }
}

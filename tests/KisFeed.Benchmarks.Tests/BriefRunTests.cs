using System.CommandLine;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Tests;

/// <summary>Every benchmark runs, briefly. Servers that other commands start are hidden and run with these.</summary>
public sealed class BriefRunTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(3);

    // Each with where its runs are.
    private static readonly Dictionary<string, string> s_projects = new(StringComparer.Ordinal)
    {
        ["KisFeed.Benchmarks"] = nameof(Every_command_runs),
        ["KisFeed.Dashboard.Day"] = nameof(The_day_of_the_dashboard_runs),
        ["KisFeed.Soak"] = "KisFeed.Soak.Tests",
    };

    /// <summary>The words of every visible command that does something. <c>compare</c> alone does what its commands do.</summary>
    public static TheoryData<string> Lines => [.. LinesOf(new BenchmarksCommand(), "").Where(line => line != "compare")];

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Every_command_runs(string line) => await RunAsync("KisFeed.Benchmarks", [.. line.Split(' '), "--brief"]);

    [Fact]
    public async Task The_benchmarks_of_BenchmarkDotNet_run()
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-benchmarks-");
        try
        {
            string[] once =
            [
                "--strategy", "Monitoring", "--warmupCount", "0", "--iterationCount", "1", "--invocationCount", "1", "--unrollFactor", "1",
            ];
            await RunAsync("KisFeed.Benchmarks", ["--filter", "*", .. once, "--artifacts", folder.FullName]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_day_of_the_dashboard_runs() =>
        await RunAsync("KisFeed.Dashboard.Day", ["--market-hours", "0.05", "--settling", "1", "--speed", "60", "--json"]);

    [Fact]
    public void Every_project_of_benchmarks_is_run_by_a_test() =>
        Directory.GetDirectories(Path.Combine(RepositoryRoot.Path, "bench")).Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .ShouldBe(s_projects.Keys.Order(StringComparer.Ordinal));

    private static IEnumerable<string> LinesOf(Command command, string line) =>
        command.Subcommands.Where(c => !c.Hidden).SelectMany(c => LinesOf(c, $"{line} {c.Name}".Trim()))
            .Concat(command.Action is not null && line.Length > 0 ? [line] : Array.Empty<string>());

    // The program that was built beside the tests, with the same configuration.
    private static async Task RunAsync(string project, string[] arguments)
    {
        var configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = Path.Combine(RepositoryRoot.Path, "artifacts", "bin", project, configuration, $"{project}.dll");
        await using var process = ProcessRunner.Start("dotnet", ["exec", program, .. arguments]);
        (await process.WaitForExitAsync(s_timeout)).ShouldBe(0, $"{string.Join(' ', arguments)}\n{process.Errors}\n{process.Output}");
    }
}

using System.Text.RegularExpressions;
using KisFeed.Simulator;

namespace KisFeed.Cli.Tests.Documents;

/// <summary>The ten things of docs/tour.md: each runs, is shown as it is, and is not longer than with the libraries beside it.</summary>
public sealed partial class TourTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    private const int Things = 10;

    private static readonly string s_sample = Path.Combine(RepositoryRoot.Path, "samples", "Tour");

    public static TheoryData<int, int, string> Printed => new()
    {
        { 1, 5, @"^\d\d:\d\d:\d\d \d+ × \d+$" },
        { 2, 10, @"^(005930|000660|035420) \d+$" },
        { 3, 20, @"^(trade|ask) \d+$" },
        { 6, 5, @"^(005930|000660) \d+$" },
        { 7, 3, @"^\d\d:\d\d:\d\d \w+ \w+ \w+$" },
        { 8, 3, @"^\d\d:\d\d( \d+){5}$" },
    };

    [Theory]
    [MemberData(nameof(Printed))]
    public async Task Prints_these_lines_and_ends(int thing, int lines, string pattern)
    {
        await using var server = await StartServerAsync();
        await using var tour = Start(thing, server);
        (await tour.WaitForExitAsync(Patience.Limit)).ShouldBe(0, tour.Report);
        var printed = LinesOf(tour.Output);
        printed.Length.ShouldBe(lines, tour.Report);
        printed.ShouldAllBe(line => Regex.IsMatch(line, pattern, RegexOptions.None, s_limit), tour.Report);
        if (thing == 6)
            printed[0].ShouldStartWith("000660");
    }

    [Fact]
    public async Task Saves_trades_to_a_file_and_ends()
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-tour-");
        try
        {
            await using var server = await StartServerAsync();
            await using var tour = Start(4, server, folder.FullName);
            (await tour.WaitForExitAsync(Patience.Limit)).ShouldBe(0, tour.Report);
            var saved = await File.ReadAllLinesAsync(Path.Combine(folder.FullName, "trades.txt"), TestContext.Current.CancellationToken);
            saved.Length.ShouldBe(5);
            saved.ShouldAllBe(line => Regex.IsMatch(line, @"^\d\d:\d\d:\d\d \d+$", RegexOptions.None, s_limit));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Prints_the_missed_volume_of_a_lost_connection_and_ends()
    {
        await using var server = await StartServerAsync();
        await using var tour = Start(5, server);
        await Patience.UntilAsync(() => server.Statistics.FramesSent > 3);
        server.DropConnections().ShouldBe(1);
        (await tour.WaitForExitAsync(Patience.Limit)).ShouldBe(0, tour.Report);
        LinesOf(tour.Output).Single().ShouldMatch(@"^ConnectionLost from [\d:.]+ to [\d:.]+: missed \d+$");
    }

    [Fact]
    public async Task The_service_logs_trades_and_ends_with_a_signal()
    {
        await using var server = await StartServerAsync();
        await using var tour = Start(9, server);
        await tour.WaitForTextAsync("Tour.TradeLogger", Patience.Limit);
        await tour.SignalAsync("INT");
        (await tour.WaitForExitAsync(Patience.Limit)).ShouldBe(0, tour.Report);
    }

    [Fact]
    public async Task The_strategy_passes_its_test_without_a_server()
    {
        await using var tour = Start(10, server: null);
        (await tour.WaitForExitAsync(Patience.Limit)).ShouldBe(0, tour.Report);
        LinesOf(tour.Output).ShouldBe(["passed"]);
    }

    [Fact]
    public void The_page_shows_the_code_of_the_sample()
    {
        var blocks = Page().Blocks.Where(block => block.Language == "csharp").Select(block => Flat(block.Text));
        blocks.ShouldBe(Programs());
    }

    [Fact]
    public void The_table_has_the_counted_lines_and_none_is_longer_than_one_beside_it()
    {
        var rows = Rows().Matches(Page().Prose);
        rows.Select(row => row.Groups["number"].Value).ShouldBe(Enumerable.Range(1, Things).Select(TextOf));
        rows.Select(row => row.Groups["ours"].Value).ShouldBe(Programs().Select(program => TextOf(CountLines(program))));
        rows.SelectMany(row => row.Groups["theirs"].Captures).Count(theirs => theirs.Value != "—").ShouldBeGreaterThan(Things);
        foreach (Match row in rows)
        {
            foreach (var theirs in row.Groups["theirs"].Captures.Where(theirs => theirs.Value != "—"))
                NumberOf(row.Groups["ours"].Value).ShouldBeLessThanOrEqualTo(NumberOf(theirs.Value), row.Value);
        }
    }

    private static Task<SimulatorServer> StartServerAsync() =>
        SimulatorServer.StartAsync(new SimulatorOptions { Port = 0, Speed = 60 }, TestContext.Current.CancellationToken);

    private static RunningProcess Start(int thing, SimulatorServer? server, string? folder = null)
    {
        string[] arguments = ["exec", Path.Combine(RepositoryRoot.Path, "artifacts", "bin", "Tour", "release", "Tour.dll"), TextOf(thing)];
        return ProcessRunner.Start(
            "dotnet",
            server is null ? arguments : [.. arguments, $"ws://127.0.0.1:{server.Port}"],
            new ProcessOptions { WorkingDirectory = folder ?? "" });
    }

    // The bodies of the methods in order; the hosted service with its handler.
    private static string[] Programs()
    {
        string[] bodies = [.. Methods().Matches(ReadSample("Program.cs")).Select(method => Flat(method.Groups["body"].Value))];
        bodies.Length.ShouldBe(Things);
        var handler = ReadSample("TradeLogger.cs");
        bodies[8] += $"\n\n{Flat(handler[handler.IndexOf("internal sealed class", StringComparison.Ordinal)..])}";
        return bodies;
    }

    // Not counted: blank lines, braces, comments.
    private static int CountLines(string program) =>
        program.Split('\n').Count(line => line is not ("" or "{" or "}") && !line.StartsWith("//", StringComparison.Ordinal));

    private static string Flat(string code) => string.Join('\n', code.Trim().Split('\n').Select(line => line.Trim()));

    private static string[] LinesOf(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static MarkdownPage Page() => MarkdownPage.Read("docs/tour.md");

    private static string ReadSample(string file) => File.ReadAllText(Path.Combine(s_sample, file)).ReplaceLineEndings("\n");

    private static string TextOf(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int NumberOf(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^static async Task \w+\(.*\)\n\{\n(?<body>(?s:.*?))\n\}$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Methods();

    [GeneratedRegex(
        @"^\| (?<number>\d+) [^|]*\| (?<ours>\d+) (\| (?<theirs>\d+|—) ){3}\|$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        5000)]
    private static partial Regex Rows();
}

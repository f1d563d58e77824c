using System.Text.RegularExpressions;
using KisFeed.Capture.Tests;

namespace KisFeed.Cli.Tests.Terminals;

/// <summary>The command's display on terminals of common sizes, and while they are resized.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed partial class TerminalTests(ITestOutputHelper output) : IDisposable
{
    private static readonly Dictionary<string, string> s_noVariables = new(StringComparer.Ordinal);
    private static readonly string[] s_needed = ["connected, simulated", "gaps ", "dropped ", "recorded ", " free"];

    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(80, 24)]
    [InlineData(120, 40)]
    [InlineData(60, 15)]
    [InlineData(40, 10)]
    public async Task The_demo_keeps_its_status_on_the_screen(int columns, int rows)
    {
        await using var terminal = Terminal.Start(
            columns, rows, s_noVariables, "demo", "--port", "0", "--rate", "200", "--fault", "drop-after=100", "--duration", "5m");

        var all = await terminal.UntilAsync(lines => IsComplete(lines)
            && Records(lines) > 0
            && lines.Any(line => line.Contains("gaps ", StringComparison.Ordinal) && !line.Contains("gaps 0", StringComparison.Ordinal))
            && (rows >= 24 || lines.Any(line => line.StartsWith('+') && line.EndsWith(" more", StringComparison.Ordinal))));

        output.WriteLine(string.Join('\n', all));
        all[0].ShouldStartWith("체결 ");
        all.Last(line => line.Length > 0).ShouldStartWith("Dashboard: http://127.0.0.1:");
        if (columns < 120)
            all[0].ShouldEndWith("…");
        if (rows >= 24)
        {
            all.ShouldContain(line => line.Contains("삼성전자 NXT", StringComparison.Ordinal));
            all.ShouldContain(line => line.Contains("삼성전자 KRX+NXT", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_live_table_survives_resizing_and_restores_the_terminal()
    {
        await using var terminal = Terminal.Start(80, 24, s_noVariables, "demo", "--port", "0", "--rate", "200", "--duration", "5m");
        await terminal.UntilAsync(lines => IsComplete(lines) && Records(lines) > 0);

        foreach (var (columns, rows) in new[] { (120, 40), (60, 15), (40, 10), (200, 12), (40, 50), (80, 24) })
        {
            await terminal.ResizeAsync(columns, rows);
            await terminal.UntilAsync(
                lines => lines.Length == rows && IsComplete(lines) && HasOneOfEach(lines) && IsDrawnFor(lines, columns));
        }

        (await terminal.InterruptAsync()).ShouldBe(ExitCode.Success);
        terminal.UsesScreen.ShouldBeFalse();
        terminal.Text.ShouldContain("삼성전자 KRX+NXT");
        terminal.Text.ShouldContain(" records in ");
    }

    [Fact]
    public async Task The_table_of_watch_shows_the_program_feed_of_a_row_and_the_number_of_hidden_rows()
    {
        await using var service = await Service.StartAsync();
        string[] targets = [.. ((string[])["005930", "000660", "005380", "035420"])
            .SelectMany(code => new[] { $"program:{code}", $"program-nxt:{code}", $"program-krx:{code}" })];
        await using var terminal = Terminal.Start(80, 24, service.Variables, ["watch", .. targets]);

        var drawn = await terminal.UntilAsync(lines =>
            lines.Count(line => line.StartsWith("삼성전자", StringComparison.Ordinal) && HasArrived(line)) == 3
            && lines.Any(line => line.StartsWith("connected, simulated · gaps 0 · dropped 0 · ", StringComparison.Ordinal)));
        output.WriteLine(string.Join('\n', drawn));
        drawn.Where(line => line.StartsWith("삼성전자", StringComparison.Ordinal)).Select(line => line.Split(' ')[1])
            .ShouldBe(["KRX+NXT", "NXT", "KRX"]);

        await terminal.ResizeAsync(80, 9);
        await terminal.UntilAsync(
            lines => lines.Contains("+6 more", StringComparer.Ordinal) && lines[^1].StartsWith("connected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_status_of_record_fits_and_is_cleared_when_the_terminal_becomes_narrower()
    {
        await using var service = await Service.StartAsync();
        await using var terminal = Terminal.Start(
            120, 24, service.Variables, "record", "index:0001", "program:005930", "--dir", _folder.Path);

        var drawn = await terminal.UntilAsync(lines => lines.Any(line => line.EndsWith(" waiting", StringComparison.Ordinal)));
        foreach (var columns in new[] { 80, 40, 80 })
        {
            await terminal.ResizeAsync(columns, 24);
            drawn = await terminal.UntilAsync(lines => lines.Count(line => line.Contains("connected", StringComparison.Ordinal)) == 1
                && IsStatusOfRecord(lines.Last(line => line.Length > 0), columns));
            output.WriteLine(string.Join('\n', drawn));
        }

        drawn.ShouldContain(line => line.StartsWith("connected, simulated · 0 gaps · 0 dropped · ", StringComparison.Ordinal));
        (await terminal.InterruptAsync()).ShouldBe(ExitCode.Success);
        terminal.Text.ShouldContain("recorded ");
    }

    [Fact]
    public async Task The_status_of_the_gateway_fits_the_terminal()
    {
        await using var terminal = Terminal.Start(
            80, 40, s_noVariables, "gateway", "--simulate", "--port", "0", "--record", _folder.Path, "--insecure-no-tokens", "--log",
            "warning", "--keep", "index:0001");

        await terminal.UntilAsync(
            lines => lines.Any(line => line.StartsWith("connected, simulated · recorded ", StringComparison.Ordinal)));
        output.WriteLine(terminal.Text);
        await terminal.ResizeAsync(30, 40);
        await terminal.UntilAsync(lines => lines.Count(line => line.StartsWith("connected", StringComparison.Ordinal)) == 1
            && lines.Any(line => line == "connected, simulated …"));
    }

    private static bool IsStatusOfRecord(string line, int columns) =>
        line.StartsWith("connected, simulated · 0 gaps ", StringComparison.Ordinal)
        && line.EndsWith(" …", StringComparison.Ordinal)
        && line.Contains(" frames · ", StringComparison.Ordinal) == columns >= 80;

    private static bool IsComplete(string[] lines) =>
        s_needed.All(text => lines.Any(line => line.Contains(text, StringComparison.Ordinal)))
        && lines.Last(line => line.Length > 0).StartsWith("Dashboard: ", StringComparison.Ordinal);

    private static bool HasOneOfEach(string[] lines) =>
        ((string[])["체결 ", "dropped ", "Dashboard: "]).All(text => lines.Count(line => line.Contains(text, StringComparison.Ordinal)) == 1);

    // The narrowest of these terminals that has a heading.
    private static bool IsDrawnFor(string[] lines, int columns)
    {
        (int Columns, string Heading)[] headings = [(120, "TR ID"), (80, "시각"), (60, "거래량")];
        return headings.All(h => lines[0].Contains(h.Heading, StringComparison.Ordinal) == columns >= h.Columns);
    }

    private static int Records(string[] lines) => lines.Count(HasArrived);

    // A row has numbers beside its name once a record has arrived.
    private static bool HasArrived(string line) => Number().IsMatch(line);

    [GeneratedRegex(@"  [-+▲▼]?\d", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Number();
}

using KisFeed.Cli.Ticks;
using KisFeed.Cli.Watching;
using Spectre.Console;

namespace KisFeed.Cli.Tests.Watching;

public sealed class LiveTicksTests
{
    [Fact]
    public async Task Each_key_has_a_row_with_its_last_tick_and_each_notice_its_own_row()
    {
        var lines = await ShowAsync(
            200,
            Samples.Index,
            Samples.Index.Replace("2624.54", "2625.00"),
            Samples.Program,
            Samples.Notice,
            Samples.Notice.Replace("0000001666", "0000001667"));

        Rows(lines, "H0UPCNT0").ShouldHaveSingleItem().ShouldContain("2,625.00");
        Rows(lines, "H0STPGM0").ShouldHaveSingleItem().ShouldContain("-17,227,936,700");
        Rows(lines, "H0IFCNI0").Select(row => row.Contains("0000001667", StringComparison.Ordinal)).ShouldBe([true, false]);
        lines.ShouldContain(line => line.StartsWith("gaps 1 · dropped 3 · 5 records · ", StringComparison.Ordinal));
        lines.ShouldContain(line => line.Contains("H0UPCNT0 0001: 3 frames are missing", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(300)]
    public async Task The_table_fits_terminals_of_any_width(int width)
    {
        var lines = await ShowAsync(width, Samples.Index, Samples.Bond, Samples.Program, Samples.Notice).WaitAsync(Patience.Limit);

        lines.Length.ShouldBe(width < 20 ? 14 : 12, "a heading and a row for each of three sections, a heading and three rows of notices, "
            + "the gap, and the status, each part on a line of its own where the terminal is that narrow");
        lines.Max(line => line.GetCellWidth()).ShouldBeLessThanOrEqualTo(width);
        if (width >= 40)
        {
            lines.ShouldContain(line => line.Contains("2,624.54", StringComparison.Ordinal));
            lines.ShouldContain(line => line.Contains(width <= 80 ? "국고03250" : "국고03250-5303(23-2)", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_single_order_book_shows_all_its_levels()
    {
        var lines = await ShowAsync(80, Samples.Book, Samples.Index);

        var first = Array.FindIndex(lines, line => line.Contains("호가 Book", StringComparison.Ordinal)) + 1;
        lines[first].ShouldContain("95,221");
        lines[first + 9].Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["158,171", "70,900", "72,800", "104,229"]);
        lines[first + 10].ShouldStartWith("합계 Total");
        lines[first + 10].Split(' ', StringSplitOptions.RemoveEmptyEntries)[2..].ShouldBe(["2,095,167", "1,159,362"]);
        lines.Max(line => line.GetCellWidth()).ShouldBeLessThanOrEqualTo(80);
    }

    [Fact]
    public async Task Other_feeds_hide_no_values_of_an_order_book()
    {
        var lines = await ShowAsync(80, Samples.Book, Samples.Index, Samples.Bond, Samples.Program, Samples.Notice);

        lines.ShouldContain(line => line.Contains("09:37:30", StringComparison.Ordinal)
            && line.Contains("95,221", StringComparison.Ordinal)
            && line.Contains("91,918", StringComparison.Ordinal));
        lines.ShouldContain(line => line.Contains("매수잔량", StringComparison.Ordinal) && line.Contains("매도잔량", StringComparison.Ordinal));
        lines.ShouldContain(line => line.Contains("2,624.54", StringComparison.Ordinal)
            && line.Contains("63,952", StringComparison.Ordinal)
            && line.Contains("1,650,684", StringComparison.Ordinal));
        lines.ShouldContain(
            line => line.Contains("10,575.00", StringComparison.Ordinal) && line.Contains("3.012%", StringComparison.Ordinal));
        lines.ShouldContain(
            line => line.Contains("-17,227,936,700", StringComparison.Ordinal) && line.Contains("-224,036", StringComparison.Ordinal));
        lines.ShouldContain(
            line => line.Contains("0000001666", StringComparison.Ordinal) && line.Contains("confirmed", StringComparison.Ordinal));
        lines.Max(line => line.GetCellWidth()).ShouldBeLessThanOrEqualTo(80);
    }

    [Fact]
    public async Task Several_order_books_show_their_best_levels()
    {
        var lines = await ShowAsync(80, Samples.Book, Samples.Book.Replace("005930", "000660"));

        lines.Count(line => line.Contains("95,221", StringComparison.Ordinal)).ShouldBe(2);
        lines.ShouldNotContain(line => line.Contains("158,171", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_state_of_the_connection_is_above_the_caption()
    {
        var live = Create([Samples.TargetOf(Samples.Index)]);
        live.Show(new StatusMessage("connection lost: it broke", DateTimeOffset.UtcNow.AddMinutes(5)));
        var lost = await DrawAsync(live, 120);
        live.Show(new StatusMessage("connected again after 3.0 s"));
        var again = await DrawAsync(live, 120);
        var narrow = await DrawAsync(live, 20);

        lost.Length.ShouldBe(4);
        lost[2].ShouldBe("connection lost: it broke; next attempt in 5 min");
        again[2].ShouldBe("connected again after 3.0 s");
        narrow[2].ShouldBe("connected again aft…");
    }

    [Fact]
    public async Task The_footer_is_below_everything()
    {
        var live = Create([Samples.TargetOf(Samples.Index)], "Dashboard: http://127.0.0.1:21000/");
        live.Show(new StatusMessage("connected again after 3.0 s"));

        (await DrawAsync(live, 120))[^1].ShouldBe("Dashboard: http://127.0.0.1:21000/");
    }

    [Fact]
    public async Task The_table_is_shown_until_the_task_has_ended()
    {
        var running = new TaskCompletionSource();
        var target = Samples.TargetOf(Samples.Index);
        var live = Create([target]);
        await using var output = new StringWriter();
        var showing = live.ShowAsync(Terminal(output), running.Task);
        Samples.Hand(live, target, Samples.Index);
        running.SetResult();
        await showing.WaitAsync(Patience.Limit);

        output.ToString().ShouldContain("2,624.54");
        output.ToString().ShouldContain("1 records");
    }

    [Fact]
    public async Task The_exception_of_the_task_is_thrown()
    {
        await using var output = new StringWriter();
        var live = Create([Samples.TargetOf(Samples.Index)]);
        var showing = live.ShowAsync(Terminal(output), Task.FromException(new CommandException("refused")));

        (await Should.ThrowAsync<CommandException>(showing.WaitAsync(Patience.Limit))).Message.ShouldBe("refused");
    }

    private static async Task<string[]> ShowAsync(int width, params string[] frames)
    {
        WatchTarget[] targets = [.. frames.Select(Samples.TargetOf).Distinct()];
        var live = Create(targets);
        foreach (var frame in frames)
            Samples.Hand(live, targets.Single(t => t.Equals(Samples.TargetOf(frame))), frame);
        live.Write(new TickItem(targets[0], new Gap { Reason = GapReason.QueueOverflow, Frames = 3 }));
        return await DrawAsync(live, width);
    }

    private static async Task<string[]> DrawAsync(LiveTicks live, int width)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = width;
        console.Write(live.Draw());
        return output.ToString().TrimEnd('\n').Split('\n');
    }

    private static LiveTicks Create(WatchTarget[] targets, string? footer = null) => new(
        new CommandHost { Input = Stream.Null, Output = Stream.Null, Error = TextWriter.Null, OutputIsTerminal = true },
        targets,
        Samples.Readers(),
        new Palette(MarketColors.Korean),
        footer);

    private static IAnsiConsole Terminal(TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 120;
        return console;
    }

    private static string[] Rows(string[] lines, string trId) =>
        [.. lines[..^1].Where(line => line.Contains($" {trId} ", StringComparison.Ordinal))];
}

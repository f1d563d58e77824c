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
    public async Task A_single_order_book_has_the_highest_offer_on_top_and_one_price_column()
    {
        var lines = await ShowAsync(80, Samples.Book, Samples.Index);

        var heading = Array.FindIndex(lines, line => line.Contains("호가 Book", StringComparison.Ordinal));
        var first = heading + 1;
        lines[heading].ShouldMatch("매도잔량.* +호가 Price +매수잔량");
        lines[first].ShouldStartWith("삼성전자 KRX");
        Words(lines[first]).ShouldContain("09:37:30", StringComparer.Ordinal);
        Words(lines[first])[^3..^1].ShouldBe(["104,229", "72,800"]);
        Words(lines[first + 1]).ShouldBe(["134,077", "72,700"]);
        Words(lines[first + 9]).ShouldBe(["91,918", "71,900"], "the best offer");
        Words(lines[first + 10]).ShouldBe(["71,800", "95,221"], "the best bid");
        Words(lines[first + 19]).ShouldBe(["70,900", "158,171"]);
        lines[first + 20].TrimEnd().ShouldMatch("^합계 Total +1,159,362 +2,095,167$");
        lines[first + 21].ShouldNotContain("예상", Case.Sensitive, "there is no auction");
        EndOf(lines[first + 9], "91,918").ShouldBe(EndOf(lines[first + 20], "1,159,362"));
        EndOf(lines[first + 9], "71,900").ShouldBe(EndOf(lines[first + 10], "71,800"), "there is one price column");
        EndOf(lines[first + 10], "95,221").ShouldBe(EndOf(lines[first + 20], "2,095,167"));
        lines.Max(line => line.GetCellWidth()).ShouldBeLessThanOrEqualTo(80);
    }

    [Fact]
    public async Task In_an_auction_the_expected_trade_is_below_the_totals()
    {
        const string Regular = "^2095167^0^0^0^0^525579^-72000^5^-100.00^";
        const string Expected = "^2095167^10^20^71900^1234^525579^-100^5^-0.14^";
        var auction = Samples.Book.Replace("^093730^0^", "^085930^B^").Replace(Regular, Expected);

        var lines = await ShowAsync(80, auction);
        var regular = await ShowAsync(80, Samples.Book.Replace(Regular, Expected));

        lines[^5].ShouldMatch("^합계 Total ");
        lines[^4].ShouldMatch("^시간외 After hours +10 +20$");
        lines[^3].ShouldMatch("^예상 Expected +1,234 +71,900 +-0.14%$");
        regular.ShouldNotContain(line => line.Contains("예상", StringComparison.Ordinal), "the price is left from the auction");
    }

    [Fact]
    public async Task A_book_without_offers_has_only_bids()
    {
        var fields = Samples.Book.Split('^');
        for (var level = 0; level < 10; level++)
            (fields[3 + level], fields[23 + level]) = ("0", "0");

        var lines = await ShowAsync(80, string.Join('^', fields));

        Words(lines[1])[^3..^1].ShouldBe(["71,800", "95,221"]);
        Words(lines[10]).ShouldBe(["70,900", "158,171"]);
        lines[11].ShouldStartWith("합계 Total");
    }

    [Theory]
    [InlineData(14)]
    [InlineData(9)]
    [InlineData(6)]
    public void Where_an_order_book_does_not_fit_the_best_levels_stay(int height)
    {
        var target = Samples.TargetOf(Samples.Book);
        var live = Create([target]);
        Samples.Hand(live, target, Samples.Book);

        string[] lines = [.. live.Draw().Lines(80, height).Select(line => string.Concat(line.Select(segment => segment.Text)))];

        lines.Length.ShouldBeLessThanOrEqualTo(height);
        lines[1].ShouldStartWith("삼성전자 KRX");
        lines.ShouldContain(line => line.Contains("91,918", StringComparison.Ordinal), "the best offer");
        lines.ShouldContain(line => line.Contains("95,221", StringComparison.Ordinal), "the best bid");
        lines.ShouldContain(line => line.StartsWith("합계 Total", StringComparison.Ordinal));
        lines.ShouldContain(line => line.StartsWith('+') && line.EndsWith(" more", StringComparison.Ordinal));
        lines.ShouldNotContain(line => line.Contains("104,229", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(nameof(MarketColors.Korean), "blue", "red")]
    [InlineData(nameof(MarketColors.Western), "red", "green")]
    public void Offers_and_bids_have_the_colours_of_the_market(string colors, string asks, string bids)
    {
        var target = Samples.TargetOf(Samples.Book);
        var live = Create([target], colors: Enum.Parse<MarketColors>(colors));
        Samples.Hand(live, target, Samples.Book);
        var segments = live.Draw().Lines(80).SelectMany(line => line)
            .ToLookup(segment => segment.Text.Trim(), segment => segment.Style, StringComparer.Ordinal);

        ((string[])["72,800", "104,229"]).ShouldAllBe(text => segments[text].Single().Foreground.ToMarkup() == asks);
        ((string[])["70,900", "158,171"]).ShouldAllBe(text => segments[text].Single().Foreground.ToMarkup() == bids);
        segments["1,159,362"].Single().ShouldBe(Style.Plain);
    }

    [Fact]
    public async Task Other_feeds_hide_no_values_of_an_order_book()
    {
        var lines = await ShowAsync(80, Samples.Book, Samples.Index, Samples.Bond, Samples.Program, Samples.Notice);

        lines.ShouldContain(
            line => line.Contains("09:37:30", StringComparison.Ordinal) && line.Contains("72,800", StringComparison.Ordinal));
        lines.ShouldContain(line => line.Contains("71,900", StringComparison.Ordinal) && line.Contains("91,918", StringComparison.Ordinal));
        lines.ShouldContain(line => line.Contains("71,800", StringComparison.Ordinal) && line.Contains("95,221", StringComparison.Ordinal));
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

    // The cell behind a text.
    private static int EndOf(string line, string text) =>
        line[..(line.IndexOf(text, StringComparison.Ordinal) + text.Length)].GetCellWidth();

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static LiveTicks Create(WatchTarget[] targets, string? footer = null, MarketColors colors = MarketColors.Korean) => new(
        new CommandHost { Input = Stream.Null, Output = Stream.Null, Error = TextWriter.Null, OutputIsTerminal = true },
        targets,
        Samples.Readers(),
        new Palette(colors),
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

namespace KisFeed.Cli.Tests.Commands;

public sealed class BarsTests
{
    [Fact]
    public async Task Bars_are_written_as_a_table_as_CSV_and_as_JSON()
    {
        using var capture = CreateCaptureOfTwoFeeds();
        var table = await CommandRun.OfAsync("bars", capture.Path, "--feed", "index");
        var csv = await CommandRun.OfAsync("bars", capture.Path, "--feed", "index", "--format", "csv");
        var json = await CommandRun.OfAsync("bars", capture.Path, "--feed", "index", "--format", "jsonl");

        table.ExitCode.ShouldBe(ExitCode.Success, table.Error);
        table.Lines.Length.ShouldBe(3);
        table.Lines[1].ShouldMatch(@"^H0UPCNT0 0001 +2026-11-20 09:00:00 +2,600\.10 +2,600\.20 +2,600\.10 +2,600\.20 +3 +30 +2 +0$");
        csv.Rows.ShouldBe(
        [
            "feed,key,start,open,high,low,close,volume,turnover,trades,gap,missedVolume,late,netVolume,netTurnover,"
                + "missedNetVolume,missedNetTurnover",
            "H0UPCNT0,0001,2026-11-20T09:00:00+09:00,2600.10,2600.20,2600.10,2600.20,3,30,2,false,0,0,,,,",
            "H0UPCNT0,0001,2026-11-20T09:01:00+09:00,2601.00,2601.00,2601.00,2601.00,1,10,1,false,4,0,,,,",
        ]);
        json.Objects[1].GetRawText().ShouldBe("""{"feed":"H0UPCNT0","key":"0001","start":"2026-11-20T09:01:00+09:00","open":2601.00"""
            + ""","high":2601.00,"low":2601.00,"close":2601.00,"volume":1,"turnover":10,"trades":1,"gap":false,"missedVolume":4,"late":0"""
            + ""","netVolume":null,"netTurnover":null,"missedNetVolume":null,"missedNetTurnover":null}""");
    }

    [Fact]
    public async Task A_feed_without_price_or_net_volume_is_refused_alone_and_skipped_among_others()
    {
        using var capture = CreateCaptureOfTwoFeeds();
        var alone = await CommandRun.OfAsync("bars", capture.Path, "--feed", "notice");
        var among = await CommandRun.OfAsync("bars", capture.Path);

        alone.ShouldFail(ExitCode.Usage, "no bars can be made from notice: its records have no time, or neither a price nor a net volume");
        among.ExitCode.ShouldBe(ExitCode.Success);
        among.Error.ShouldContain("H0IFCNI0 left out: the records have no time, or neither a price nor a net volume");
        among.Lines.Length.ShouldBe(3);
    }

    [Fact]
    public async Task Control_characters_of_a_key_do_not_reach_the_terminal()
    {
        using var capture = new CapturedTicks(writer => writer.Write(
            "H0UPCNT0", CapturedTicks.Index("090001", "2600.10", 1, 1, "\e[2J"), CapturedTicks.Opening.AddSeconds(1)));
        var run = await CommandRun.OfAsync("bars", capture.Path);

        run.Lines[1].ShouldStartWith("H0UPCNT0 �[2J ");
        run.Output.ShouldNotContain('\e');
    }

    [Fact]
    public async Task A_folder_cannot_be_the_output_file()
    {
        using var capture = CreateCaptureOfTwoFeeds();
        var run = await CommandRun.OfAsync("bars", capture.Path, "--out", capture.OutputFolder, "--force");

        run.ShouldFail(ExitCode.Usage, $"{capture.OutputFolder} is a folder: give the path of a file");
        Directory.GetFileSystemEntries(capture.OutputFolder).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("7s")]
    [InlineData("0m")]
    [InlineData("2d")]
    [InlineData("500ms")]
    [InlineData("m")]
    [InlineData("1w")]
    public async Task An_interval_that_does_not_divide_a_day_is_refused(string interval)
    {
        using var capture = CreateCaptureOfTwoFeeds();
        (await CommandRun.OfAsync("bars", capture.Path, "--interval", interval))
            .ShouldFail(ExitCode.Usage, $"'{interval}' is not a valid interval");
    }

    [Theory]
    [InlineData("1s", 3)]
    [InlineData("1m", 2)]
    [InlineData("2h", 1)]
    [InlineData("1d", 1)]
    public async Task Intervals_go_from_a_second_to_a_day(string interval, int bars)
    {
        using var capture = CreateCaptureOfTwoFeeds();

        (await CommandRun.OfAsync("bars", capture.Path, "--feed", "index", "--interval", interval, "--format", "csv")).Rows.Length
            .ShouldBe(bars + 1);
    }

    [Fact]
    public async Task Bars_are_written_to_a_new_file()
    {
        using var capture = CreateCaptureOfTwoFeeds();
        var first = await CommandRun.OfAsync("bars", capture.Path, "--feed", "index", "--format", "csv", "--out", capture.Out("bars.csv"));
        var second = await CommandRun.OfAsync("bars", capture.Path, "--feed", "index", "--format", "csv", "--out", capture.Out("bars.csv"));

        (first.ExitCode, second.ExitCode).ShouldBe((ExitCode.Success, ExitCode.Usage));
        (await File.ReadAllLinesAsync(capture.Out("bars.csv"))).Length.ShouldBe(3);
    }

    [Fact]
    public async Task Program_trading_has_the_net_volume()
    {
        using var capture = new CapturedTicks(writer =>
        {
            foreach (var (second, time, sold, bought) in ((int, string, int, int)[])[(1, "090001", 100, 300), (30, "090030", 110, 350), (65,
                "090105", 180, 360)])
            {
                writer.Write("H0UNPGM0", CapturedTicks.Bytes($"0|H0UNPGM0|001|005930^{time}^{sold}^{sold * 70_000L}^{bought}^"
                    + $"{bought * 70_000L}^{bought - sold}^{(bought - sold) * 70_000L}^5^6^1"), CapturedTicks.Opening.AddSeconds(second));
            }
        });

        var csv = await CommandRun.OfAsync("bars", capture.Path, "--feed", "program", "--format", "csv");
        csv.ExitCode.ShouldBe(ExitCode.Success, csv.Error);
        csv.Rows[1..].ShouldBe(
        [
            "H0UNPGM0,005930,2026-11-20T09:00:00+09:00,,,,,60,4200000,2,false,0,0,40,2800000,0,0",
            "H0UNPGM0,005930,2026-11-20T09:01:00+09:00,,,,,80,5600000,1,false,0,0,-60,-4200000,0,0",
        ]);
        var json = await CommandRun.OfAsync("bars", capture.Path, "--format", "jsonl");
        json.Objects[1].GetProperty("netVolume").GetInt64().ShouldBe(-60);
        json.Objects[1].GetProperty("netTurnover").GetInt64().ShouldBe(-4_200_000);
        var table = await CommandRun.OfAsync("bars", capture.Path);
        table.Lines[0].ShouldMatch("^feed +key +start +volume +turnover +net volume +net turnover +missed net +trades +missed$");
        table.Lines[2].ShouldMatch("^H0UNPGM0 005930 +2026-11-20 09:01:00 +80 +5,600,000 +-60 +-4,200,000 +0 +1 +0$");
        table.Lines[2].Length.ShouldBe(table.Lines[0].Length);
    }

    private static CapturedTicks CreateCaptureOfTwoFeeds() => new(writer =>
    {
        writer.Write("H0UPCNT0", CapturedTicks.Index("090001", "2600.10", 1, 1), CapturedTicks.Opening.AddSeconds(1));
        writer.Write("H0UPCNT0", CapturedTicks.Index("090002", "2600.20", 2, 3), CapturedTicks.Opening.AddSeconds(2));
        writer.Write("H0IFCNI0", CapturedTicks.Bytes(Samples.Notice), CapturedTicks.Opening.AddSeconds(4));
        writer.Write("H0UPCNT0", CapturedTicks.Index("090100", "2601.00", 1, 8), CapturedTicks.Opening.AddSeconds(60));
    });
}

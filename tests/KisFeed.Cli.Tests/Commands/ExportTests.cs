namespace KisFeed.Cli.Tests.Commands;

public sealed class ExportTests
{
    // 20:00 in Korea
    private static readonly DateTimeOffset s_night = new(2026, 11, 20, 11, 0, 0, TimeSpan.Zero);

    private static readonly string[] s_two = ["H0STPGM0.csv", "H0UPCNT0.csv"];

    [Fact]
    public async Task Only_one_feed_is_written_to_standard_output()
    {
        using var capture = CreateCaptureOfSeveralFeeds();
        var run = await CommandRun.OfAsync("export", capture.Path, "--feed", "index", "--key", "0001");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Rows.Length.ShouldBe(3);
        run.Rows[1].ShouldStartWith("2026-11-20T00:00:01.0000000Z,2026-11-20T09:00:01+09:00,H0UPCNT0,0001,1,1,0001,090001,2600.10,up,");
        run.Error.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("export", "--format", "jsonl")]
    [InlineData("bars", "--format", "jsonl")]
    [InlineData("inspect", "--format", "json")]
    public async Task Links_in_the_folder_change_nothing_and_are_reported(params string[] command)
    {
        using var capture = CreateCaptureOfSeveralFeeds();
        var file = Directory.EnumerateFiles(capture.Path, "*.log.gz", SearchOption.AllDirectories).First();
        string[] arguments = [command[0], capture.Path, .. command[1..]];
        var before = await CommandRun.OfAsync(arguments);
        File.CreateSymbolicLink(Path.Combine(capture.Path, "again.log.gz"), file);
        foreach (var name in new[] { "loop", "loop2" })
            Directory.CreateSymbolicLink(Path.Combine(capture.Path, name), capture.Path);

        var run = await CommandRun.OfAsync(arguments);

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        if (command[0] != "inspect")
            run.Output.ShouldBe(before.Output);
        else
            run.Output.ShouldContain($"\"reason\": \"is the same file as {file}\"");
        run.Error.ShouldContain("again.log.gz is skipped: it is the same file as ");
        run.Error.ShouldContain("loop2 is skipped: it is a link to a folder: links to folders are not followed");
    }

    [Fact]
    public async Task Formulas_and_control_characters_are_escaped_on_request()
    {
        using var layouts = new TemporaryFile("""{"layouts":[{"trId":"H0NEW000","columns":["CODE","A","B","C","D"]}]}""");
        using var folder = new TemporaryFile("2026-11-20T00:00:01.0000000Z 0|H0NEW000|001|X^=1+1^@\"a\",b^a\u001b[31m\u0085^-5\n");
        string[] command = ["export", folder.Path, "--layouts", layouts.Path, "--feed", "H0NEW000"];

        var plain = await CommandRun.OfAsync(command);
        var escaped = await CommandRun.OfAsync([.. command, "--escape-formulas"]);

        plain.Rows[1].ShouldEndWith(",X,=1+1,\"@\"\"a\"\",b\",a\u001b[31m\u0085,-5,");
        escaped.Rows[1].ShouldEndWith(",X,'=1+1,\"'@\"\"a\"\",b\",a␛[31m\uFFFD,'-5,");
    }

    [Fact]
    public async Task Several_feeds_are_refused_with_their_names_before_anything_is_written()
    {
        using var capture = CreateCaptureOfSeveralFeeds();
        var run = await CommandRun.OfAsync("export", capture.Path, "--out", capture.Out("all.csv"));

        run.ShouldFail(ExitCode.Usage, "the capture has H0STPGM0, H0UPCNT0: choose one with --feed, or write one file per feed with --out");
        Directory.GetFiles(capture.OutputFolder).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_folder_gets_a_file_for_each_feed()
    {
        using var capture = CreateCaptureOfSeveralFeeds();
        var run = await CommandRun.OfAsync("export", capture.Path, "--out", capture.Out("csv/"));

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        Directory.GetFiles(capture.Out("csv")).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(s_two);
        run.Error.ShouldContain("4 records of 4 frames written: H0STPGM0, H0UPCNT0");
        run.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_existing_file_is_kept_unless_force_is_set()
    {
        using var capture = CreateCaptureOfSeveralFeeds();
        var path = capture.Out("index.csv");
        await File.WriteAllTextAsync(path, "mine");

        var refused = await CommandRun.OfAsync("export", capture.Path, "--feed", "index", "--out", path);
        var content = await File.ReadAllTextAsync(path);
        var forced = await CommandRun.OfAsync("export", capture.Path, "--feed", "index", "--out", path, "--force");

        refused.ShouldFail(ExitCode.Usage, "--force");
        content.ShouldBe("mine");
        forced.ExitCode.ShouldBe(ExitCode.Success, forced.Error);
        (await File.ReadAllTextAsync(path)).ShouldStartWith("receivedAt,");
        Directory.GetFiles(capture.OutputFolder).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_export_that_is_interrupted_leaves_no_file()
    {
        using var capture = CreateCaptureOfSeveralFeeds();
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();
        var host = new CommandHost { Input = Stream.Null, Output = Stream.Null, Error = TextWriter.Null };

        var code = await CommandLine.RunAsync(
            ["export", capture.Path, "--feed", "index", "--out", capture.Out("index.csv")], host, cancellation.Token);

        code.ShouldBe(ExitCode.Interrupted);
        Directory.GetFiles(capture.OutputFolder).ShouldBeEmpty();
    }

    [Fact]
    public async Task Unreadable_data_are_counted_and_the_rest_is_written()
    {
        using var capture = new CapturedTicks(writer =>
        {
            writer.Write("H0UPCNT0", CapturedTicks.Index("090001", "2600.10", 1, 1), CapturedTicks.Opening.AddSeconds(1));
            writer.Write("H0UPCNT0", CapturedTicks.Bytes("0|H0UPCNT0|001|0001^x"), CapturedTicks.Opening.AddSeconds(2));
            writer.Write(new CaptureEvent
            {
                Kind = CaptureEventKind.Gap,
                At = CapturedTicks.Opening.AddSeconds(3),
                TrId = "H0UPCNT0",
                Key = "0001",
                Reason = GapReason.Silence,
            });
            writer.Write("H0UPCNT0", CapturedTicks.Index("090005", "2600.10", 1, 7), CapturedTicks.Opening.AddSeconds(5));
        });
        var run = await CommandRun.OfAsync("export", capture.Path, "--gaps", capture.Out("gaps.csv"));

        run.ExitCode.ShouldBe(ExitCode.MalformedData);
        run.Rows.Length.ShouldBe(3);
        run.Error.ShouldContain("1 frame or record could not be read and is left out");
        run.Error.ShouldContain("1 gap, where data is missing\n", customMessage: "they are in the requested file");
        (await CommandRun.OfAsync("export", capture.Path)).Error
            .ShouldContain("1 gap, where data is missing; --gaps FILE or --format jsonl shows where\n");
        (await File.ReadAllTextAsync(capture.Out("gaps.csv"))).ShouldBe("feed,key,from,to,reason,frames,missedVolume\r\n"
            + "H0UPCNT0,0001,2026-11-20T00:00:01.0000000Z,2026-11-20T00:00:05.0000000Z,silence,,5\r\n");
    }

    [Theory]
    [InlineData("--from", "9 o'clock")]
    [InlineData("--to", "25:00")]
    [InlineData("--feed", "nothing")]
    public async Task Contradictory_options_are_refused(string option, string value)
    {
        using var capture = CreateCaptureOfSeveralFeeds();
        (await CommandRun.OfAsync("export", capture.Path, option, value)).ShouldFail(ExitCode.Usage, value);
    }

    [Fact]
    public async Task Times_of_receipt_limit_the_export()
    {
        using var capture = CreateCaptureOfSeveralFeeds();

        (await CommandRun.OfAsync(
            "export", capture.Path, "--feed", "index", "--from", "09:00:02", "--to", "2026-11-20T00:00:03Z")).Rows.Length
            .ShouldBe(2);
    }

    [Fact]
    public async Task Exchange_times_limit_a_day_that_was_received_at_another_time()
    {
        using var capture = CreateCaptureAtNight();

        var some = await CommandRun.OfAsync("export", capture.Path, "--from", "09:00:02", "--to", "09:00:04");
        some.Rows[1..].Select(row => row.Split(',')[1]).ShouldBe(["2026-11-20T09:00:02+09:00", "2026-11-20T09:00:03+09:00"]);
        some.Error.ShouldBe("kisfeed: 1 record has no exchange time and is left out; --by receipt selects by receive time\n");
        var bars = await CommandRun.OfAsync(
            "bars", capture.Path, "--from", "09:00:02", "--to", "09:00:04", "--interval", "1s", "--format", "csv");
        bars.Rows[1..].Select(row => row.Split(',')[2]).ShouldBe(["2026-11-20T09:00:02+09:00", "2026-11-20T09:00:03+09:00"]);

        (await CommandRun.OfAsync("export", capture.Path, "--by", "receipt", "--from", "20:00:02")).Rows[1..]
            .Select(row => row.Split(',')[7])
            .ShouldBe(["090002", "090003", "", "090009"]);
    }

    [Fact]
    public async Task An_empty_selection_is_reported_with_the_available_span()
    {
        using var capture = CreateCaptureAtNight();

        var exchange = await CommandRun.OfAsync("export", capture.Path, "--from", "10:00");
        exchange.ExitCode.ShouldBe(ExitCode.Success);
        exchange.Rows.ShouldHaveSingleItem();
        exchange.Error.ShouldStartWith("kisfeed: 0 records selected of 5: the records are from 2026-11-20 09:00:01.000 to 2026-11-20 "
            + "09:00:09.000, exchange time in Korea\n");
        var receipt = await CommandRun.OfAsync("bars", capture.Path, "--by", "receipt", "--from", "09:00", "--to", "10:00");
        receipt.Error.ShouldContain(
            "0 records selected of 5: the records are from 2026-11-20 20:00:01.500 to 2026-11-20 20:00:09.500, receive time in Korea\n");
        (await CommandRun.OfAsync("export", capture.Path, "--by", "receipt")).Error.ShouldContain("--by needs --from or --to");
    }

    [Theory]
    [InlineData("09:00:03", "09:00:09", false)]
    [InlineData("09:00:04", "09:00:05", true)]
    [InlineData("09:00:09", "09:00:10", true)]
    [InlineData("09:00:01", "09:00:03", false)]
    [InlineData("09:00:01", "09:00:04", true)]
    public async Task A_gap_is_selected_if_records_of_the_span_may_be_missing(string from, string to, bool isSelected)
    {
        using var capture = new CapturedTicks(writer =>
        {
            writer.Write("H0UPCNT0", CapturedTicks.Index("090003", "2600.10", 1, 1), s_night);
            if (isSelected)
            {
                writer.Write(new CaptureEvent
                {
                    Kind = CaptureEventKind.Gap,
                    At = s_night.AddSeconds(1),
                    TrId = "H0UPCNT0",
                    Key = "0001",
                    Reason = GapReason.Silence,
                });
            }
            writer.Write("H0UPCNT0", CapturedTicks.Index("090009", "2600.10", 1, 7), s_night.AddSeconds(6));
            if (!isSelected)
            {
                writer.Write(new CaptureEvent
                {
                    Kind = CaptureEventKind.Gap,
                    At = s_night.AddSeconds(7),
                    TrId = "H0UPCNT0",
                    Key = "0001",
                    Reason = GapReason.Silence,
                });
            }
            writer.Write("H0UPCNT0", CapturedTicks.Index("090010", "2600.10", 1, 8), s_night.AddSeconds(8));
        });

        var run = await CommandRun.OfAsync("export", capture.Path, "--from", from, "--to", to, "--format", "jsonl");

        run.Objects.Count(o => o.TryGetProperty("gap", out _)).ShouldBe(isSelected ? 1 : 0, run.Output);
    }

    [Fact]
    public async Task A_folder_without_a_capture_is_an_error_with_its_path()
    {
        using var capture = CreateCaptureOfSeveralFeeds();
        (await CommandRun.OfAsync("export", capture.OutputFolder))
            .ShouldFail(ExitCode.Usage, $"there is no capture in {capture.OutputFolder}");
    }

    [Fact]
    public async Task Order_notices_are_written_to_files_that_only_their_owner_can_read()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var capture = new CapturedTicks(
            writer => writer.Write("H0IFCNI0", CapturedTicks.Bytes(Samples.Notice), CapturedTicks.Opening));

        (await CommandRun.OfAsync("export", capture.Path, "--out", capture.Out("notices.csv"))).ExitCode.ShouldBe(ExitCode.Success);

        File.GetUnixFileMode(capture.Out("notices.csv")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task A_missing_folder_is_created_for_the_gaps_too()
    {
        using var capture = CreateCaptureOfSeveralFeeds();
        var run = await CommandRun.OfAsync("export", capture.Path, "--gaps", capture.Out("csv/gaps.csv"), "--out", capture.Out("csv/"));

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        Directory.GetFiles(capture.Out("csv")).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe([.. s_two, "gaps.csv"]);
    }

    [Theory]
    [InlineData("one.csv", "one.csv", "twice")]
    [InlineData("./one.csv", "one.csv", "twice")]
    [InlineData("link.csv", "one.csv", "twice")]
    [InlineData("folder/H0UPCNT0.csv", "folder/", "twice")]
    [InlineData("folder", "one.csv", "is a folder")]
    [InlineData("missing/gaps.csv", "one.csv", "missing/gaps.csv cannot be written")]
    public async Task An_unwritable_output_is_refused_and_nothing_is_written(string gaps, string path, string why)
    {
        using var capture = CreateCaptureOfSeveralFeeds();
        Directory.CreateDirectory(capture.Out("folder"));
        File.CreateSymbolicLink(capture.Out("link.csv"), "one.csv");
        var run = await CommandRun.OfAsync(
            "export", capture.Path, "--feed", "index", "--gaps", capture.Out(gaps), "--out", capture.Out(path), "--force");

        run.ShouldFail(ExitCode.Usage, why);
        run.Error.ShouldNotContain(".tmp");
        Directory.GetFiles(capture.OutputFolder, "*", SearchOption.AllDirectories).Select(Path.GetFileName).ShouldBe(["link.csv"]);
    }

    [Fact]
    public async Task A_link_is_kept_and_its_target_is_replaced()
    {
        using var capture = CreateCaptureOfSeveralFeeds();
        Directory.CreateDirectory(capture.Out("there"));
        var (link, file) = (capture.Out("index.csv"), capture.Out("there/data.csv"));
        await File.WriteAllTextAsync(file, "mine");
        File.CreateSymbolicLink(link, "there/data.csv");

        var refused = await CommandRun.OfAsync("export", capture.Path, "--feed", "index", "--out", link);
        var forced = await CommandRun.OfAsync("export", capture.Path, "--feed", "index", "--out", link, "--force");

        refused.ExitCode.ShouldBe(ExitCode.Usage);
        forced.ExitCode.ShouldBe(ExitCode.Success, forced.Error);
        new FileInfo(link).LinkTarget.ShouldBe("there/data.csv");
        (await File.ReadAllTextAsync(file)).ShouldStartWith("receivedAt,");
        Directory.GetFiles(capture.Out("there")).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_stream_of_the_process_is_written_directly()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var capture = CreateCaptureOfSeveralFeeds();
        var appended = capture.Out("appended.csv");
        await using var process = ProcessRunner.StartShell($"kisfeed export '{capture.Path}' --feed index --out /dev/stdout; echo before > "
            + $"'{appended}'; kisfeed bars '{capture.Path}' --feed index --out /dev/fd/1 >> '{appended}'");

        (await process.WaitForExitAsync(Patience.Limit)).ShouldBe(ExitCode.Success, process.Errors);
        process.Output.ShouldStartWith("receivedAt,");
        process.Output.TrimEnd().Split('\n').Length.ShouldBe(4);
        (await File.ReadAllLinesAsync(appended)).Length.ShouldBe(4);
    }

    private static CapturedTicks CreateCaptureAtNight() => new(writer =>
    {
        foreach (var (second, time) in ((int, string)[])[(1, "090001"), (2, "090002"), (3, "090003"), (4, ""), (9, "090009")])
            writer.Write("H0UPCNT0", CapturedTicks.Index(time, "2600.10", 1, second), s_night.AddSeconds(second + 0.5));
    });

    private static CapturedTicks CreateCaptureOfSeveralFeeds() => new(writer =>
    {
        writer.Write("H0UPCNT0", CapturedTicks.Index("090001", "2600.10", 1, 1), CapturedTicks.Opening.AddSeconds(1));
        writer.Write("H0UPCNT0", CapturedTicks.Index("090002", "2600.20", 2, 3), CapturedTicks.Opening.AddSeconds(2));
        writer.Write("H0UPCNT0", CapturedTicks.Index("090003", "900.20", 2, 2, "1001"), CapturedTicks.Opening.AddSeconds(3));
        writer.Write("H0STPGM0", CapturedTicks.Bytes(Samples.Program), CapturedTicks.Opening.AddSeconds(4));
    });
}

namespace KisFeed.Cli.Tests.Commands;

public sealed class InspectTests
{
    [Fact]
    public async Task The_contents_of_a_capture_are_printed_in_columns()
    {
        using var capture = CreateCaptureWithGap();
        var run = await CommandRun.OfAsync("inspect", capture.Path);

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldBeEmpty();
        run.Lines[0].ShouldMatch($@"^1 file, \d+ B, in {capture.Path}/2026-11-20; all times are receive times in Korea$");
        run.Lines[1..].Select(line => line.Replace(run.Lines[0].Split(", ")[1], "SIZE B", StringComparison.Ordinal)).ShouldBe(
            """
              file                    first                    last          frames   size  state
              H0UPCNT0-090001.log.gz  2026-11-20 09:00:01.000  09:00:05.000       3  SIZE B  verified

            Feeds
              feed      first                    last          frames  records  keys  unreadable  frames/s  busiest second
              H0UPCNT0  2026-11-20 09:00:01.000  09:00:05.000       3        3     2           0       0.8  1 at 2026-11-20 09:00:01

            Keys
              feed      key   first                    last          records  gaps  missed volume
              H0UPCNT0  0001  2026-11-20 09:00:01.000  09:00:05.000        2     1          2,998
              H0UPCNT0  1001  2026-11-20 09:00:02.000  09:00:02.000        1     0

            1 gap
              feed      key   from                     to            seconds  reason          frames dropped  missed volume
              H0UPCNT0  0001  2026-11-20 09:00:01.000  09:00:05.000    4.000  connectionLost              12          2,998

            Events: capture 1, gap 1

            The capture is sound. Data is missing in 1 gap.
            """.Split('\n'));
    }

    [Fact]
    public async Task The_JSON_output_has_the_same_contents()
    {
        using var capture = CreateCaptureWithGap();
        var run = await CommandRun.OfAsync("inspect", capture.Path, "--format", "json");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        var report = JsonSerializer.Deserialize<JsonElement>(run.Output);
        report.GetProperty("sound").GetBoolean().ShouldBeTrue();
        var file = report.GetProperty("files")[0];
        file.GetProperty("integrity").GetString().ShouldBe("verified");
        file.GetProperty("bytes").GetInt64().ShouldBe(new FileInfo(file.GetProperty("path").GetString()!).Length);
        (file.GetProperty("form").GetString(), file.GetProperty("closed").GetBoolean(), file.GetProperty("beingWritten").GetBoolean(),
            file.GetProperty("frames").GetInt32())
            .ShouldBe(("blocks", true, false, 3));
        var feed = report.GetProperty("feeds")[0];
        Compact(feed.GetProperty("keys")[0]).ShouldBe("""{"key":"0001","records":2"""
            + ""","first":"2026-11-20T00:00:01.0000000Z","last":"2026-11-20T00:00:05.0000000Z","gaps":1,"missedVolume":2998}""");
        feed.GetProperty("meanRate").GetDouble().ShouldBe(0.75);
        Compact(report.GetProperty("gaps")[0]).ShouldBe("""{"feed":"H0UPCNT0","key":"0001","from":"2026-11-20T00:"""
            + """00:01.0000000Z","to":"2026-11-20T00:00:05.0000000Z","seconds":4"""
            + ""","reason":"connectionLost","frames":12,"missedVolume":2998}""");
        Compact(report.GetProperty("events")).ShouldBe("""{"capture":1,"gap":1}""");
        report.GetProperty("problems").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Many_files_are_summarized_by_folder_and_flawed_ones_are_listed()
    {
        using var capture = CreateCaptureWithGap();
        var source = Directory.GetFiles(capture.Path, "*.log.gz", SearchOption.AllDirectories).Single();
        var content = await File.ReadAllBytesAsync(source);
        for (var i = 0; i < 500; i++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(capture.OutputFolder, $"day-{i % 25:00}")).FullName;
            await File.WriteAllBytesAsync(Path.Combine(folder, $"H0UPCNT0-{i:000}.log.gz"), i == 77 ? content[..^40] : content);
        }

        var run = await CommandRun.OfAsync("inspect", capture.OutputFolder);

        run.ExitCode.ShouldBe(ExitCode.MalformedData);
        run.Lines.Length.ShouldBeLessThan(80);
        run.Lines.ShouldAllBe(line => line.Length < 200);
        run.Lines[0].ShouldStartWith("500 files, ");
        run.Lines[2].ShouldMatch("^  day-00 +20  2026-11-20 09:00:01.000  09:00:05.000 +60 +.*  20 blocks sound$");
        run.Lines.ShouldContain(line => line.StartsWith("  day-02 ", StringComparison.Ordinal)
            && line.EndsWith("  19 blocks sound, 1 TORN at its end, not closed", StringComparison.Ordinal));
        run.Lines.SkipWhile(line => line != "Files with flaws").ElementAt(2)
            .ShouldStartWith($"  {Path.Combine("day-02", "H0UPCNT0-077.log.gz")}  ");
        run.Lines.ShouldContain(line => line.StartsWith("  and 4", StringComparison.Ordinal)
            && line.EndsWith("'kisfeed export --gaps FILE' writes all of them", StringComparison.Ordinal));
        run.Lines[^1].ShouldBe("Something is wrong: 1 flaw in the files, 0 unreadable frames or records.");
    }

    [Fact]
    public async Task HTS_IDs_are_not_shown_in_full()
    {
        using var capture = new CapturedTicks(writer =>
        {
            writer.Write("H0IFCNI0", CapturedTicks.Bytes(Samples.Notice), CapturedTicks.Opening);
            writer.Write(new CaptureEvent
            {
                Kind = CaptureEventKind.Gap,
                At = CapturedTicks.Opening,
                TrId = "H0IFCNI0",
                Key = "KIM1234",
                Reason = GapReason.Silence,
            });
        });
        var id = Samples.Notice.Split('|')[3].Split('^')[0];
        foreach (var format in (string[])["text", "json"])
        {
            var run = await CommandRun.OfAsync("inspect", capture.Path, "--format", format);

            run.Output.ShouldContain($"{id[..2]}***");
            (run.Output + run.Error).ShouldNotContain(id);
            (run.Output + run.Error).ShouldNotContain("KIM1234");
        }
    }

    [Fact]
    public async Task Control_characters_of_a_file_do_not_reach_the_terminal()
    {
        using var capture = CreateCaptureWithGap();
        var path = capture.Out("evil.log");
        await File.WriteAllTextAsync(
            path, "2026-11-20T00:00:00.0000000Z 0|T\e[31m|001|x\n# {\"at\":\"2026-11-20T00:00:00.0000000Z\",\"event\":\"a\\u001b[2Jb\"}\n");

        var run = await CommandRun.OfAsync("inspect", path);

        run.Output.ShouldContain("a�[2Jb 1");
        run.Output.ShouldNotContain('\e');
    }

    [Fact]
    public async Task A_folder_that_is_not_a_capture_is_reported_as_such()
    {
        using var capture = CreateCaptureWithGap();
        var path = capture.Out("prose.log");
        await File.WriteAllTextAsync(path, string.Concat(Enumerable.Repeat("The quick brown fox.\n", 1_000)));

        var run = await CommandRun.OfAsync("inspect", path);

        run.ExitCode.ShouldBe(ExitCode.MalformedData);
        run.Output.ShouldContain("is not a capture: none of its first 100 lines is a frame");
        run.Output.ShouldContain("DAMAGED");
    }

    [Fact]
    public async Task A_folder_without_a_capture_is_an_error_with_its_path()
    {
        using var capture = CreateCaptureWithGap();
        (await CommandRun.OfAsync("inspect", capture.OutputFolder))
            .ShouldFail(ExitCode.Usage, $"there is no capture in {capture.OutputFolder}");
    }

    [Fact]
    public async Task Keys_and_times_limit_the_inspection()
    {
        using var capture = CreateCaptureWithGap();

        (await CommandRun.OfAsync("inspect", capture.Path, "--key", "1001")).Output.ShouldContain("All is well.");
        (await CommandRun.OfAsync("inspect", capture.Path, "--to", "09:00:02")).Lines
            .ShouldContain(line => line.StartsWith("  H0UPCNT0  0001 ", StringComparison.Ordinal)
                && line.EndsWith("        1     0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--key", "2001")]
    [InlineData("--feed", "bond")]
    [InlineData("--from", "2030-01-01")]
    public async Task An_empty_capture_is_not_reported_as_sound(string option, string value)
    {
        using var capture = CreateCaptureWithGap();

        var run = await CommandRun.OfAsync("inspect", capture.Path, option, value);

        run.Lines[^1].ShouldBe("Nothing to inspect: no matching record.");
        run.Output.ShouldNotContain("All is well");
    }

    private static string Compact(JsonElement json) => JsonSerializer.Serialize(json);

    private static CapturedTicks CreateCaptureWithGap() => new(writer =>
    {
        writer.Write("H0UPCNT0", CapturedTicks.Index("090001", "2600.10", 1, 1), CapturedTicks.Opening.AddSeconds(1));
        writer.Write("H0UPCNT0", CapturedTicks.Index("090002", "900.20", 2, 2, "1001"), CapturedTicks.Opening.AddSeconds(2));
        writer.Write(new CaptureEvent
        {
            Kind = CaptureEventKind.Gap,
            At = CapturedTicks.Opening.AddSeconds(4),
            TrId = "H0UPCNT0",
            Key = "0001",
            Reason = GapReason.ConnectionLost,
            From = CapturedTicks.Opening.AddSeconds(1),
            Frames = 12,
        });
        writer.Write("H0UPCNT0", CapturedTicks.Index("090005", "2600.10", 1, 3000), CapturedTicks.Opening.AddSeconds(5));
    });
}

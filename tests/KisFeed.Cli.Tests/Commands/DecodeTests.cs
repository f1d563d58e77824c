namespace KisFeed.Cli.Tests.Commands;

public sealed class DecodeTests
{
    private const string Known = "005930^092237^1^2^3^4^5^6^7^8^-9";
    private static readonly string s_samples = Path.Combine(AppContext.BaseDirectory, "data", "samples.txt");

    [Theory]
    [InlineData("kis")]
    [InlineData("english")]
    public async Task Every_column_of_the_published_samples_keeps_its_digits(string names)
    {
        var run = await CommandRun.OfAsync("decode", s_samples, "--names", names);

        run.Lines.ShouldBe(await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "Golden", $"samples.{names}.jsonl")));
        run.Error.TrimEnd()
            .Split('\n')
            .ShouldAllBe(line => line.StartsWith("kisfeed: warning: H0UPANC0 has 15 columns", StringComparison.Ordinal)
                || line.StartsWith("kisfeed: warning: H0MFASP0 has 46 columns", StringComparison.Ordinal));
        run.ExitCode.ShouldBe(ExitCode.Success);
    }

    [Fact]
    public async Task Names_are_English_by_default()
    {
        var run = await CommandRun.OfAsync("decode", s_samples);
        run.Output.ShouldBe((await CommandRun.OfAsync("decode", s_samples, "--names", "english")).Output);
    }

    [Theory]
    [InlineData()]
    [InlineData("-")]
    public async Task Standard_input_is_read_without_a_file(params string[] file)
    {
        var run = await CommandRun.WithInputAsync(await File.ReadAllBytesAsync(s_samples), ["decode", .. file, "--names", "kis"]);
        run.Output.ShouldBe((await CommandRun.OfAsync("decode", s_samples, "--names", "kis")).Output);
    }

    [Theory]
    [InlineData("utf-16", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16BE", false)]
    public async Task Input_in_UTF16_is_recognized(string name, bool hasMark)
    {
        var frames = await File.ReadAllTextAsync(s_samples);
        var encoding = Encoding.GetEncoding(name);
        byte[] input = [.. hasMark ? encoding.GetPreamble() : [], .. encoding.GetBytes(frames)];

        var run = await CommandRun.WithInputAsync(input, "decode");

        run.Output.ShouldBe((await CommandRun.OfAsync("decode", s_samples)).Output);
        run.ExitCode.ShouldBe(ExitCode.Success);
    }

    [Fact]
    public async Task Lines_of_a_capture_are_decoded_compressed_or_not()
    {
        const string Time = "2026-11-20T00:00:01.1234567Z ";
        var frame = $"0|H0STPGM0|001|{Known}";
        var second = Convert.ToBase64String(Encoding.UTF8.GetBytes(frame.Replace("092237", "092238")));
        var capture = Encoding.UTF8.GetBytes($$"""
            # {"at":"2026-11-20T00:00:00.0000000Z","event":"capture","version":1,"feed":"H0STPGM0","keys":[]}
            {{Time}}{{frame}}
            # {"at":"2026-11-20T00:00:02.0000000Z","event":"frame","feed":"H0STPGM0","base64":"{{second}}"}

            """);
        using var compressed = new MemoryStream();
        foreach (var part in new[] { capture, Encoding.UTF8.GetBytes($"{Time}{frame.Replace("092237", "092239")}\n") })
        {
            await using var zip = new System.IO.Compression.GZipStream(
                compressed, System.IO.Compression.CompressionMode.Compress, leaveOpen: true);
            await zip.WriteAsync(part);
        }

        (await CommandRun.WithInputAsync(capture, "decode")).Objects.Select(o => o.GetProperty("time").GetString())
            .ShouldBe(["092237", "092238"]);
        var run = await CommandRun.WithInputAsync(compressed.ToArray(), "decode");
        run.Objects.Select(o => o.GetProperty("time").GetString()).ShouldBe(["092237", "092238", "092239"]);
        run.ExitCode.ShouldBe(ExitCode.Success);

        var damaged = await CommandRun.WithInputAsync([.. compressed.ToArray()[..30], .. new byte[100]], "decode");
        damaged.ExitCode.ShouldBe(ExitCode.MalformedData);
        damaged.Error.ShouldStartWith("kisfeed: the input is damaged after 0 records: ");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("#\n")]
    public async Task Input_that_is_shorter_than_its_detection_is_read(string input) =>
        (await CommandRun.WithInputAsync(input, "decode")).ExitCode.ShouldBe(ExitCode.Success);

    [Fact]
    public async Task The_records_of_a_frame_are_written_in_order()
    {
        var run = await CommandRun.WithInputAsync(
            $"0|H0STPGM0|003|{Known}^{Known.Replace("092237", "092238")}^{Known.Replace("092237", "092239")}\n", "decode");

        run.Objects.Select(o => o.GetProperty("time").GetString()).ShouldBe(["092237", "092238", "092239"]);
        run.ExitCode.ShouldBe(ExitCode.Success);
    }

    [Fact]
    public async Task Appended_columns_are_extras_with_one_warning_per_width()
    {
        var frame = $"0|H0STPGM0|002|{Known}^A^ ^{Known}^B^^\n0|H0STPGM0|001|{Known}^C\n0|H0STPGM0|001|{Known}^D^\n";
        var run = await CommandRun.WithInputAsync(frame, "decode", "--names", "kis");

        run.Objects.Select(o => o.GetProperty("extra").ToString())
            .ShouldBe(["""["A",null]""", """["B",null]""", """["C"]""", """["D",null]"""]);
        run.Objects.ShouldAllBe(o => o.GetProperty("whol_ntby_qty").GetRawText() == "-9");
        run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l[..65]).ShouldBe(
            [
                "kisfeed: warning: H0STPGM0 has 13 columns, of which 11 are known;",
                "kisfeed: warning: H0STPGM0 has 12 columns, of which 11 are known;",
            ]);
        run.ExitCode.ShouldBe(ExitCode.Success);
    }

    [Fact]
    public async Task A_trailing_separator_of_several_records_is_ignored_if_the_width_requires_it()
    {
        var run = await CommandRun.WithInputAsync($"0|H0STPGM0|002|{Known}^{Known}^\n", "decode");

        run.Objects.Length.ShouldBe(2);
        run.Output.ShouldNotContain("extra");
        run.ExitCode.ShouldBe(ExitCode.Success);
    }

    [Fact]
    public async Task A_layout_file_names_appended_columns()
    {
        using var layouts = new TemporaryFile("""{"layouts":[{"trId":"H0STPGM0","append":"""
            + """[{"element":"NEW_RATE","name":"NewRate","type":"decimal"},"NEW_CODE"]},{"trId":"H0NEW000","columns":["A","B"]}]}""");
        var frames = $"0|H0STPGM0|001|{Known}^+01.50^ x \n0|H0NEW000|001|a^b\n";

        (await CommandRun.WithInputAsync(frames, "decode", "--names", "kis", "--layouts", layouts.Path)).Lines.ShouldBe(
        [
            """{"tr_id":"H0STPGM0","mksc_shrn_iscd":"005930","stck_cntg_hour":"092237","seln_cnqn":1,"seln_tr_pbmn":2"""
                + ""","shnu_cnqn":3,"shnu_tr_pbmn":4,"ntby_cnqn":5,"ntby_tr_pbmn":6,"seln_rsqn":7,"shnu_rsqn":8"""
                + ""","whol_ntby_qty":-9,"NEW_RATE":1.50,"NEW_CODE":"x"}""",
            """{"tr_id":"H0NEW000","A":"a","B":"b"}""",
        ]);
        var english = await CommandRun.WithInputAsync(frames, "decode", "--layouts", layouts.Path);
        english.Output.ShouldContain("\"newRate\":1.50");
        english.Error.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("^^^", "null", "null")]
    [InlineData("^(null)^-nan^", "null", "null")]
    [InlineData("^  +3.010^nan^", "3.010", "null")]
    [InlineData("^ -0.50 ^0002^", "-0.50", "2")]
    public async Task Absent_values_are_null_and_numbers_keep_their_scale(string middle, string change, string rate)
    {
        var bond = $"KR103502GD31^x^131743^2{middle}10575.00^1^1^1^1^0.00^3.012^3.037^3.010^3.037^1^1^2";
        var json = (await CommandRun.WithInputAsync($"0|H0BJCNT0|001|{bond}", "decode", "--names", "kis")).Objects.ShouldHaveSingleItem();

        json.GetProperty("PRDY_VRSS").GetRawText().ShouldBe(change);
        json.GetProperty("PRDY_CTRT").GetRawText().ShouldBe(rate);
    }

    [Fact]
    public async Task Lines_may_end_with_CRLF_and_blank_lines_and_comments_are_skipped()
    {
        var run = await CommandRun.WithInputAsync(
            $"\uFEFF# comment\r\n\r\n  \t\r\n0|H0STPGM0|001|{Known}\r\n #another\nnonsense", "decode", "--names", "kis");

        run.Objects.Length.ShouldBe(2);
        run.Objects[0].GetProperty("whol_ntby_qty").GetInt32().ShouldBe(-9);
        run.Objects[1].GetProperty("line").GetInt32().ShouldBe(6);
    }

    [Fact]
    public async Task A_byte_order_mark_before_a_frame_does_not_make_it_malformed()
    {
        var run = await CommandRun.WithInputAsync($"\uFEFF0|H0STPGM0|001|{Known}\n", "decode");
        run.ExitCode.ShouldBe(ExitCode.Success);
    }

    [Fact]
    public async Task A_malformed_line_is_an_error_in_order_and_later_lines_are_decoded()
    {
        var run = await CommandRun.WithInputAsync($"0|H0STPGM0|001|{Known}\n0|H0STPGM0|002|{Known}\n0|H0STPGM0|001|{Known}\n", "decode");

        run.ExitCode.ShouldBe(ExitCode.MalformedData);
        run.Lines.Length.ShouldBe(3);
        run.Lines[1].ShouldBe("""{"error":"11 fields do not divide into 2 records (byte 15)","line":2"""
            + $$""","kind":"unevenFields","position":15,"raw":"0|H0STPGM0|002|{{Known}}"}""");
        run.Lines[2].ShouldBe(run.Lines[0]);
    }

    [Theory]
    [InlineData("hello", "unknownFlag", 0)]
    [InlineData("0|H0STPGM0|001", "missingSeparator", 14)]
    [InlineData("0|H0STPGM0|x|a", "invalidCount", 11)]
    [InlineData("0|H0 TPGM0|001|a", "invalidTrId", 2)]
    [InlineData("0|H0NOBODY|001|a", "unknownTrId", 2)]
    [InlineData("0|H0STPGM0|001|005930^092237", "tooFewFields", 15)]
    [InlineData("{\"header\":", "invalidControlMessage", 10)]
    [InlineData("1|H0IFCNI0|001|AAAA", "noNoticeKey", 15)]
    public async Task The_error_of_a_line_has_a_text_and_structured_members(string line, string kind, int position)
    {
        var run = await CommandRun.WithInputAsync(line, "decode");

        run.ExitCode.ShouldBe(ExitCode.MalformedData);
        var error = run.Objects.ShouldHaveSingleItem();
        error.GetProperty("error").GetString().ShouldNotBeNullOrEmpty();
        error.GetProperty("line").GetInt64().ShouldBe(1);
        error.GetProperty("kind").GetString().ShouldBe(kind);
        error.GetProperty("position").GetInt32().ShouldBe(position);
        error.GetProperty("raw").GetString().ShouldBe(line);
        error.TryGetProperty("rawBase64", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task An_unreadable_record_does_not_affect_the_others_of_its_frame()
    {
        var late = Known.Replace("092237", "246060");
        var wrong = Known.Replace("^3^", "^three^");
        var frame = $"0|H0STPGM0|004|{Known}^{late}^{Known}^{wrong}";
        var run = await CommandRun.WithInputAsync(frame, "decode");

        run.ExitCode.ShouldBe(ExitCode.MalformedData);
        run.Objects.Select(o => o.TryGetProperty("error", out _)).ShouldBe([false, true, false, true]);
        var first = run.Objects[1];
        first.GetProperty("record").GetInt32().ShouldBe(2);
        first.GetProperty("column").GetString().ShouldBe("stck_cntg_hour");
        frame[first.GetProperty("position").GetInt32()..].ShouldStartWith("246060^");
        first.GetProperty("raw").GetString().ShouldBe(frame);
        var second = run.Objects[3];
        second.GetProperty("record").GetInt32().ShouldBe(4);
        second.GetProperty("column").GetString().ShouldBe("shnu_cnqn");
        second.GetProperty("raw").GetString().ShouldBe(wrong, "only the first error has the whole line");
    }

    [Fact]
    public async Task Text_that_is_not_UTF8_is_shown_and_preserved()
    {
        byte[] line = [.. "0|H0BJCNT0|001|KR103502GD31^"u8, 0xEA, 0xB5, .. "^131743"u8];
        var error = (await CommandRun.WithInputAsync(line, "decode")).Objects.ShouldHaveSingleItem();

        error.GetProperty("raw").GetString()!.ShouldContain("KR103502GD31^\uFFFD^131743");
        error.GetProperty("rawBase64").GetBytesFromBase64().ShouldBe(line);
    }

    [Fact]
    public async Task Control_messages_are_shown_without_key_material_and_are_not_errors()
    {
        const string output = """{"iv":"0123456789abcdef","key":"abcdefghijklmnopabcdefghijklmnop"}""";
        const string body = $$$"""{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"SUBSCRIBE SUCCESS","output":{{{output}}}}""";
        var run = await CommandRun.WithInputAsync(
            $$$"""
            {"header":{"tr_id":"PINGPONG","datetime":"20261120093001"}}
            {"header":{"tr_id":"H0IFCNI0","tr_key":"MYHTSID","encrypt":"Y"},"body":{{{body}}}}
            {"header":{"tr_id":"(null)","tr_key":"","encrypt":"N"},"body":{"rt_cd":"9","msg_cd":"OPSP8996","msg1":"ALREADY IN USE appkey"}}
            """,
            "decode",
            "--names",
            "kis");

        run.ExitCode.ShouldBe(ExitCode.Success);
        run.Lines.ShouldBe(
        [
            """{"control":"heartbeat","datetime":"20261120093001"}""",
            """{"control":"reply","tr_id":"H0IFCNI0","tr_key":"MYHTSID","rt_cd":"0","msg_cd":"OPSP0000","msg1":"SUBSCRIBE SUCCESS"}""",
            """{"control":"reply","tr_id":null,"tr_key":null,"rt_cd":"9","msg_cd":"OPSP8996","msg1":"ALREADY IN USE appkey"}""",
        ]);
    }

    [Theory]
    [InlineData("""{"header":{"tr_id":"H0IFCNI0"},"body":{"output":{"iv":"SECRETIV","key":"SECRETKEY""")]
    [InlineData("""{"header":{"tr_id":"H0IFCNI0"},"body":{"output":{"iv" : "SECRET\"IV","key":"SECRETKEY"}}""")]
    [InlineData("""  {'body': {'output': {'iv': 'SECRETIV', 'key': 'SECRETKEY'}}}""")]
    [InlineData(
        """{"header":{"approval_key":"SECRET","custtype":"P","tr_type":"1"},"body":{"input":{"tr_id":"H0UPCNT0","tr_key":"0001"}}}""")]
    [InlineData("""received: {"body":{"output":{"iv":"SECRETIV","key":"SECRETKEY"}}}""")]
    public async Task Secrets_in_unreadable_lines_are_masked(string line)
    {
        var run = await CommandRun.WithInputAsync(line, "decode");

        run.ExitCode.ShouldBe(ExitCode.MalformedData);
        run.Output.ShouldNotContain("SECRET");
        run.Objects.ShouldHaveSingleItem().GetProperty("raw").GetString()!.ShouldContain("***");
    }

    [Fact]
    public async Task A_line_over_the_limit_is_an_error_and_the_next_is_decoded()
    {
        var fits = $"0|H0STPGM0|001|{Known}^".PadRight(1 << 20, 'x');
        var run = await CommandRun.WithInputAsync($"{fits}\r\n{fits}x\r\n{fits}{fits}{fits}\n0|H0STPGM0|001|{Known}\n{fits}x", "decode");

        run.ExitCode.ShouldBe(ExitCode.MalformedData);
        run.Objects.Select(o => o.TryGetProperty("error", out _)).ShouldBe([false, true, true, false, true]);
        run.Objects[2].GetProperty("line").GetInt32().ShouldBe(3);
        run.Objects[2].GetProperty("kind").GetString().ShouldBe("tooLong");
        run.Objects[2].GetProperty("raw").GetString().ShouldBe(fits[..256]);
        run.Objects[4].GetProperty("line").GetInt32().ShouldBe(5);
    }

    [Fact]
    public async Task A_long_line_with_only_errors_has_bounded_output()
    {
        const int Records = 20_000;
        var line = $"0|H0STPGM0|{Records}|{string.Join('^', Enumerable.Repeat(Known.Replace("^1^", "^x^"), Records))}";
        var run = await CommandRun.WithInputAsync(line, "decode");

        run.Lines.Length.ShouldBe(Records);
        run.Output.Length.ShouldBeLessThan(20 * line.Length);
    }

    [Theory]
    [InlineData("nothing-like-it.txt", "nothing-like-it.txt cannot be read")]
    [InlineData("--key=abcdefghijklmnopabcdefghijklmnop", "--iv is missing")]
    [InlineData("--iv=0123456789abcdef", "--key is missing")]
    [InlineData("--names=korean", "'korean'")]
    [InlineData("--nmes", "'--nmes'")]
    [InlineData("--layouts=nothing-like-it.json", "nothing-like-it.json cannot be read")]
    public async Task Wrong_usage_is_reported_on_standard_error(string argument, string message)
    {
        (await CommandRun.OfAsync("decode", argument)).ShouldFail(ExitCode.Usage, message);
    }

    [Fact]
    public async Task A_key_of_the_wrong_length_is_not_repeated()
    {
        var run = await CommandRun.OfAsync("decode", "--key", "SECRET", "--iv", "SECRET");

        run.ShouldFail(ExitCode.Usage, "32 characters");
        run.Error.ShouldNotContain("SECRET");
    }

    [Fact]
    public async Task Waiting_for_input_ends_when_it_is_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        await using var input = new SilentStream();
        var run = CommandRun.RunAsync(input, ["decode"], cancellationToken: cancellation.Token);
        await input.WasDrained;
        await cancellation.CancelAsync();

        (await run).ExitCode.ShouldBe(ExitCode.Interrupted);
    }

    [Fact]
    public async Task Decoded_records_are_written_before_more_input_arrives()
    {
        await using var input = new SilentStream(Encoding.UTF8.GetBytes($"0|H0STPGM0|001|{Known}\n0|H0ST"));
        await using var output = new MemoryStream();
        using var cancellation = new CancellationTokenSource();
        var running = CommandLine.RunAsync(
            ["decode"], new CommandHost { Input = input, Output = output, Error = TextWriter.Null }, cancellation.Token);
        await input.WasDrained;

        Encoding.UTF8.GetString(output.ToArray()).ShouldEndWith("\"restingNetVolume\":-9}\n");
        await cancellation.CancelAsync();
        await running;
    }
}

using KisFeed.Capture.Tests;

namespace KisFeed.Cli.Tests.Commands;

public sealed class FindTests
{
    // Nothing listens there, so any other error was reported before connecting.
    private static readonly Dictionary<string, string> s_unreachableService = Service.VariablesFor("ws://127.0.0.1:9");

    [Fact]
    public async Task Instruments_are_found_by_name_with_their_targets()
    {
        var run = await CommandRun.OfAsync("find", "삼성");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines[0].ShouldMatch("^kind +code +name +English name +watch$");
        run.Lines[1].ShouldMatch("^stock +005930 +삼성전자 +trade:005930 book:005930 program:005930$");
        run.Lines.Skip(1).ShouldAllBe(line => line.Contains("삼성"));
        // A Korean letter takes two cells.
        run.Lines[1].IndexOf("trade:", StringComparison.Ordinal)
            .ShouldBe(run.Lines[0].IndexOf("watch", StringComparison.Ordinal) - "삼성전자".Length);
    }

    [Theory]
    [InlineData("ㅅㅅㅈㅈ")]
    [InlineData("00593")]
    [InlineData("삼성 전자")]
    public async Task JSON_output_has_one_object_per_line(string text)
    {
        var run = await CommandRun.OfAsync("find", text, "--json");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines[0].ShouldBe("""{"kind":"stock","code":"005930","name":"삼성전자","englishName":null"""
            + ""","targets":["trade:005930","book:005930","program:005930"]}""");
    }

    [Theory]
    [InlineData("57JN53", """{"kind":"elw","code":"57JN53","name":null,"englishName":null,"targets":["elw:57JN53","elw-book:57JN53"]}""")]
    [InlineData(
        "aapl",
        """{"kind":"overseasStock","code":"DNASAAPL","name":"애플","englishName":"Apple","targets":["us:DNASAAPL","us-book:DNASAAPL"]}""")]
    public async Task Documented_example_keys_are_found(string text, string line)
    {
        var run = await CommandRun.OfAsync("find", text, "--json");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines.ShouldBe([line]);
    }

    [Fact]
    public async Task No_match_has_its_own_exit_code()
    {
        var run = await CommandRun.OfAsync("find", "없는", "이름");
        run.ShouldFail(ExitCode.NotFound, "nothing found for '없는 이름'");
        run.Output.ShouldBeEmpty();
        (await CommandRun.OfAsync("find", "삼성", "--limit", "0")).Error.ShouldContain("'0' is not a valid limit");
    }

    [Fact]
    public async Task Names_of_a_file_are_found_and_omitted_matches_are_reported()
    {
        using var file = new TemporaryFile("kind,code,name,englishName\nstock,000020,동화약품,Dongwha Pharm\nstock,000021,동화약품우,\n");
        var run = await CommandRun.OfAsync("find", "동화", "--instruments", file.Path, "--limit", "1", "--json");

        run.Lines.ShouldHaveSingleItem().ShouldContain("\"englishName\":\"Dongwha Pharm\"");
        run.Error.ShouldBe("kisfeed: 1 more; --limit N shows more\n");
    }

    [Theory]
    [InlineData("program:삼성전자", "삼성전자 is 005930")]
    [InlineData("program-nxt:naver", "naver is 035420")]
    [InlineData("index:kospi 200", "kospi 200 is 2001")]
    [InlineData("bond:kr103502ga34", "kr103502ga34 is KR103502GA34")]
    public async Task A_unique_name_is_replaced_by_its_key(string target, string reported)
    {
        await using var service = await Service.StartAsync();
        var run = await CommandRun.WithVariablesAsync(service.Variables, "watch", target, "--count", "1", "--format", "json");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldContain($"kisfeed: {reported}\n");
        run.Objects.ShouldHaveSingleItem().GetProperty("key").GetString().ShouldBe(reported.Split(' ')[^1]);
    }

    [Theory]
    [InlineData("watch", "program:삼성",
        "Did you mean program:005930 (삼성전자), program:207940 (삼성바이오로직스), program:006400 (삼성SDI)? 'kisfeed find 삼성' searches by name.")]
    [InlineData("watch", "index:삼성전자",
        "'삼성전자' is not a valid key of index. A key is the sector code (업종구분코드), e.g. index:0001. 'kisfeed find 삼성전자' searches by name.")]
    [InlineData("record", "bond:국고채", "'국고채' is not a valid key of bond")]
    [InlineData("watch", "trade:99 930", "'99 930' is not a valid key of trade")]
    [InlineData("watch", "index:0001^1001", "'0001^1001' is not a valid key of index")]
    public async Task What_cannot_be_a_key_is_refused_before_connecting(string verb, string target, string message)
    {
        var run = await CommandRun.WithVariablesAsync(s_unreachableService, verb, target);

        run.ShouldFail(ExitCode.Usage, message);
        run.Error.ShouldNotContain("cannot be reached");
    }

    [Theory]
    [InlineData("trade:Q500001A1", "kisfeed: warning: trade:Q500001A1 does not have the usual form of a key, the stock code (종목코드), e.g. "
        + "trade:005930; the server decides.\n")]
    [InlineData("trade:5930", "kisfeed: warning: trade:5930 does not have the usual form of a key, the stock code (종목코드), e.g. "
        + "trade:005930; the server decides. Did you mean trade:005930 (삼성전자)?\n")]
    [InlineData("index:1", "kisfeed: warning: index:1 does not have the usual form of a key")]
    [InlineData("index:KOSPA", "kisfeed: warning: index:KOSPA does not have the usual form of a key")]
    [InlineData("bond:KR10", "kisfeed: warning: bond:KR10 does not have the usual form of a key")]
    [InlineData("us:msft", "kisfeed: us:msft is taken for us:DNASMSFT (NASDAQ; NYSE is DNYS…, AMEX is DAMS…). A key is the ")]
    [InlineData("us:NASAAPL", "kisfeed: us:NASAAPL is taken for us:DNASAAPL. A key is the ")]
    [InlineData("us:nysko", "kisfeed: us:nysko is taken for us:DNYSKO. A key is the ")]
    [InlineData("trade:삼성전자", "kisfeed: 삼성전자 is 005930")]
    [InlineData("futures:a01612", "kisfeed: a01612 is A01612")]
    public async Task What_is_done_with_an_unusual_key_is_said(string target, string message)
    {
        var run = await CommandRun.WithVariablesAsync(s_unreachableService, "watch", target);

        run.ExitCode.ShouldBe(ExitCode.ConnectionLost);
        run.Error.ShouldStartWith(message);
    }

    [Theory]
    [InlineData("watch", "us:애플", "kisfeed: 애플 is DNASAAPL\n")]
    [InlineData("record", "night-futures:kospi200 f 202712", "kisfeed: kospi200 f 202712 is A01712\n")]
    public async Task Names_of_a_file_stand_for_keys(string verb, string target, string message)
    {
        using var folder = new CaptureFolder();
        using var file = new TemporaryFile(
            "kind,code,name,englishName\noverseasStock,DNASAAPL,애플,Apple\nnightFuture,A01712,KOSPI200 F 202712,\n");
        string[] arguments = verb == "record" ? [verb, target, "--dir", folder.Path] : [verb, target];

        var run = await CommandRun.WithVariablesAsync(s_unreachableService, [.. arguments, "--instruments", file.Path]);

        run.ExitCode.ShouldBe(ExitCode.ConnectionLost, run.Error);
        run.Error.ShouldStartWith(message);
    }

    [Fact]
    public async Task Similar_feeds_are_named_where_a_feed_is_unknown()
    {
        var run = await CommandRun.WithVariablesAsync(s_unreachableService, "watch", "program-:005930");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldStartWith("kisfeed: 'program-' is not a feed. Feeds with this in their name: ");
        run.Error.ShouldContain("program-nxt (H0NXPGM0)");
        run.Error.ShouldContain("'kisfeed feeds' lists them");
    }
}

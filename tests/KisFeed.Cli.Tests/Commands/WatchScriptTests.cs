namespace KisFeed.Cli.Tests.Commands;

/// <summary>Watching a service that sends data which a simulator would not.</summary>
public sealed class WatchScriptTests
{
    private const string Samsung = "005930^092237^1^2^3^4^5^6^7^8^9";
    private const string Hynix = "000660^092238^1^2^3^4^5^6^7^8^9";
    private const string Broken = "005930^0922xx^1^2^3^4^5^6^7^8^9";

    [Fact]
    public async Task Each_target_gets_its_records_of_a_frame_with_several_keys()
    {
        await using var service = await ScriptedService.StartAsync(
            2, closesConnection: false, Frame($"0|H0STPGM0|003|{Samsung}^{Hynix}^{Samsung}"));
        var run = await CommandRun.WithVariablesAsync(
            service.Variables, "watch", "program-krx:005930", "program-krx:000660", "--format", "json", "--count", "3");

        run.Objects.Select(o => (o.GetProperty("key").GetString(), o.GetProperty("code").GetString())).Order().ShouldBe(
            [("000660", "000660"), ("005930", "005930"), ("005930", "005930")]);
    }

    [Fact]
    public async Task Unreadable_data_are_reported_in_order()
    {
        var frame = $"0|H0STPGM0|003|{Samsung}^{Broken}^{Samsung}";
        await using var service = await ScriptedService.StartAsync(
            1, closesConnection: false, Frame("0|H0STPGM0|001|005930^1"), Frame(frame));
        var run = await CommandRun.WithVariablesAsync(service.Variables, "watch", "program-krx:005930", "--format", "json", "--count", "2");

        run.ExitCode.ShouldBe(ExitCode.Success);
        run.Objects.Select(o => o.TryGetProperty("error", out _)).ShouldBe([true, false, true, false]);
        run.Objects[0].GetProperty("kind").GetString().ShouldBe("tooFewFields");
        run.Objects[0].GetProperty("raw").GetString().ShouldBe("0|H0STPGM0|001|005930^1");
        run.Objects[2].GetProperty("column").GetString().ShouldBe("stck_cntg_hour");
        run.Objects[2].GetProperty("record").GetInt32().ShouldBe(2);
        run.Objects[2].GetProperty("key").GetString().ShouldBe("005930");
        run.Objects[2].GetProperty("raw").GetString().ShouldBe(frame);
    }

    [Theory]
    [InlineData("table", "*** H0STPGM0 005930: unreadable: stck_cntg_hour", true)]
    [InlineData("csv", "kisfeed: malformed: H0STPGM0 005930: unreadable: stck_cntg_hour", false)]
    public async Task Unreadable_data_are_reported_in_every_format(string format, string message, bool isOutput)
    {
        await using var service = await ScriptedService.StartAsync(1, closesConnection: false, Frame($"0|H0STPGM0|002|{Broken}^{Samsung}"));
        var run = await CommandRun.WithVariablesAsync(service.Variables, "watch", "program-krx:005930", "--format", format, "--count", "1");

        (isOutput ? run.Output : run.Error).ShouldContain(message);
        (isOutput ? run.Error : run.Output).ShouldNotContain("unreadable");
    }

    [Fact]
    public async Task Appended_columns_are_kept_with_one_warning_until_a_layout_file_names_them()
    {
        await using var service = await ScriptedService.StartAsync(
            1, closesConnection: false, Frame($"0|H0STPGM0|002|{Samsung}^N^{Samsung}^N"), Frame($"0|H0STPGM0|001|{Samsung}^N"));
        using var layouts = new TemporaryFile("""{"layouts":[{"trId":"H0STPGM0","append":["NEW_CODE"]}]}""");
        var unnamed = await CommandRun.WithVariablesAsync(
            service.Variables, "watch", "program-krx:005930", "--format", "json", "--count", "3");
        var named = await CommandRun.WithVariablesAsync(
            service.Variables, "watch", "program-krx:005930", "--format", "csv", "--names", "kis", "--count", "3", "--layouts",
            layouts.Path);

        unnamed.Objects.Select(o => o.GetProperty("extra")[0].GetString()).ShouldBe(["N", "N", "N"]);
        unnamed.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem()
            .ShouldStartWith("kisfeed: warning: H0STPGM0 has 12 columns, of which 11 are known");
        named.Rows[0].ShouldEndWith(",WHOL_NTBY_QTY,NEW_CODE,extra");
        named.Rows[1..].ShouldAllBe(row => row.EndsWith(",9,N,", StringComparison.Ordinal));
        named.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_feed_defined_by_a_layout_file_can_be_watched()
    {
        await using var service = await ScriptedService.StartAsync(
            1, closesConnection: false, Frame("0|H0NEW000|001|AAA^101112^12345.60^x"));
        using var layouts = new TemporaryFile("""{"layouts":[{"trId":"H0NEW000","columns":["CODE",{"element":"HOUR","type":"time"},"""
            + """{"element":"PRICE","type":"decimal"},"KIND"]}]}""");
        var run = await CommandRun.WithVariablesAsync(
            service.Variables, "watch", "h0new000:AAA", "--count", "1", "--layouts", layouts.Path);

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines.ShouldHaveSingleItem().ShouldMatch("^10:11:12 H0NEW000 AAA +PRICE 12,345.60  KIND x$");
    }

    [Fact]
    public async Task A_lost_connection_is_reported_after_all_earlier_data()
    {
        await using var service = await ScriptedService.StartAsync(2, closesConnection: true, Frame($"0|H0STPGM0|002|{Samsung}^{Hynix}"));
        var run = await CommandRun.WithVariablesAsync(
            service.Variables, "watch", "program-krx:005930", "program-krx:000660", "--format", "json", "--no-reconnect");

        run.ExitCode.ShouldBe(ExitCode.ConnectionLost);
        Keys(run, "code").ShouldBe(["000660", "005930"], ignoreOrder: true);
        Keys(run, "interruption").ShouldBe(["000660", "005930"], ignoreOrder: true);
        Keys(run, "gap").ShouldBe(["000660", "005930"], ignoreOrder: true);
        run.Error.ShouldStartWith("kisfeed: ws://127.0.0.1:");
    }

    [Fact]
    public async Task A_connection_lost_during_subscribing_delivers_all_earlier_data()
    {
        await using var service = await ScriptedService.StartAsync(
            1, closesConnection: true, [.. Enumerable.Repeat(Frame($"0|H0STPGM0|001|{Samsung}"), 9_000)]);
        var run = await CommandRun.WithVariablesAsync(
            service.Variables, "watch", "program-krx:005930", "program-krx:000660", "--format", "json", "--no-reconnect");

        run.ExitCode.ShouldBe(ExitCode.ConnectionLost);
        run.Lines.Count(line => line.StartsWith("{\"trId\"", StringComparison.Ordinal)).ShouldBe(9_000);
    }

    // The keys of the objects with a given member; the key may be inside that member.
    private static IEnumerable<string?> Keys(CommandRun run, string member) =>
        run.Objects.Where(o => o.TryGetProperty(member, out _))
            .Select(o => (o.TryGetProperty("key", out _) ? o : o.GetProperty(member)).GetProperty("key").GetString());

    private static byte[] Frame(string text) => Encoding.UTF8.GetBytes(text);
}

using KisFeed.Simulator;

namespace KisFeed.Cli.Tests.Commands;

public sealed class WatchTests
{
    [Fact]
    public async Task JSON_records_have_their_origin_before_their_columns()
    {
        await using var service = await Service.StartAsync();
        var run = await CommandRun.UntilAsync(
            ["H0UPCNT0", "H0BJCNT0"], service.Variables, "watch", "index:0001", "h0bjcnt0:KR103502GA34", "--format", "json");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Objects.Select(o => (o.GetProperty("trId").GetString(), o.GetProperty("key").GetString())).Distinct().ShouldBe(
            [("H0UPCNT0", "0001"), ("H0BJCNT0", "KR103502GA34")], ignoreOrder: true);
        var index = run.Objects.First(o => o.GetProperty("trId").GetString() == "H0UPCNT0");
        index.EnumerateObject().Select(p => p.Name)
            .ShouldBe(["trId", "key", "receivedAt", "timestamp", .. IndexTrade.Feed.Schema.Columns.Select(c => c.JsonName)]);
        var timestamp = index.GetProperty("timestamp").GetDateTimeOffset();
        timestamp.Offset.ShouldBe(TimeSpan.FromHours(9));
        timestamp.ToString("HHmmss", CultureInfo.InvariantCulture).ShouldBe(index.GetProperty("time").GetString());
        index.GetProperty("receivedAt").GetDateTimeOffset().Offset.ShouldBe(TimeSpan.FromHours(9));
        run.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_count_of_records_ends_the_command()
    {
        await using var service = await Service.StartAsync();
        var run = await CommandRun.WithVariablesAsync(
            service.Variables, "watch", "index:0001", "index:1001", "--format", "json", "--count", "7");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Objects.Length.ShouldBe(7);
    }

    [Fact]
    public async Task The_brokers_names_can_be_used()
    {
        await using var service = await Service.StartAsync();
        var run = await CommandRun.WithVariablesAsync(
            service.Variables, "watch", "program-nxt:005930", "--format", "json", "--names", "kis", "--count", "1");

        run.Objects.ShouldHaveSingleItem().EnumerateObject().Select(p => p.Name).ShouldBe(
            ["tr_id", "tr_key", "received_at", "timestamp", .. ProgramTrade.Nxt.Schema.Columns.Select(c => c.Element)]);
    }

    [Fact]
    public async Task One_feed_is_written_as_CSV_with_one_header()
    {
        await using var service = await Service.StartAsync();
        var run = await CommandRun.WithVariablesAsync(
            service.Variables, "watch", "program:005930", "program:000660", "--format", "csv", "--names", "kis", "--count", "20");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Rows.Length.ShouldBe(21);
        run.Rows[0].ShouldBe("tr_id,tr_key,received_at,timestamp,"
            + $"{string.Join(',', ProgramTrade.Consolidated.Schema.Columns.Select(c => c.Element))},extra");
        run.Rows[1..].ShouldAllBe(row => row.Split(',').Length == 16 && row.Split(',')[1] == row.Split(',')[4]);
    }

    [Fact]
    public async Task Several_feeds_have_no_common_header()
    {
        var run = await CommandRun.WithVariablesAsync(
            Service.VariablesFor("ws://127.0.0.1:9"), "watch", "index:0001", "bond:KR103502GA34", "--format", "csv");

        run.ShouldFail(ExitCode.Usage, "one 'kisfeed watch' per feed");
    }

    [Fact]
    public async Task Without_a_terminal_the_table_is_one_line_per_tick()
    {
        await using var service = await Service.StartAsync();
        var run = await CommandRun.WithVariablesAsync(service.Variables, "watch", "index:0001", "--count", "3");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Lines.Length.ShouldBe(3);
        foreach (var line in run.Lines)
        {
            line.ShouldMatch(
                @"^\d\d:\d\d:\d\d H0UPCNT0 0001 KOSPI 코스피 +[\d,]+\.\d\d +[▲▼]?[\d,]+\.\d\d +[+-]?\d+\.\d\d%  vol +[\d,]+  value +[\d,]+$");
        }
    }

    [Fact]
    public async Task Order_notices_default_to_the_configured_HTS_ID()
    {
        await using var service = await Service.StartAsync();
        var own = await CommandRun.WithVariablesAsync(service.Variables, "watch", "notice", "--format", "json", "--count", "2");
        var another = await CommandRun.WithVariablesAsync(service.Variables, "watch", "notice:Another", "--format", "json", "--count", "1");

        own.Objects.Select(o => o.GetProperty("customerId").GetString()).ShouldBe([Service.HtsId, Service.HtsId]);
        another.Objects.ShouldHaveSingleItem().GetProperty("customerId").GetString().ShouldBe("Another");
    }

    [Fact]
    public async Task The_mock_service_has_only_order_notices()
    {
        await using var service = await Service.StartAsync();
        var notice = await CommandRun.WithVariablesAsync(
            service.Variables, "watch", "notice", "--env", "mock", "--format", "json", "--count", "1");

        notice.ExitCode.ShouldBe(ExitCode.Success, notice.Error);
        notice.Objects.ShouldHaveSingleItem().GetProperty("trId").GetString().ShouldBe("H0IFCNI9");
    }

    // The address is unreachable, so errors of local checks are distinguishable from connection errors.
    [Theory]
    [InlineData("mock", "index:0001", "index:0001: the mock service does not have H0UPCNT0")]
    [InlineData("prod", "notice-mock:MyId", "notice-mock: H0IFCNI9 is on the mock service only; production has H0IFCNI0 instead")]
    public async Task A_feed_that_the_service_does_not_have_is_refused_before_connecting(string environment, string target, string message)
    {
        var run = await CommandRun.WithVariablesAsync(Service.VariablesFor("ws://127.0.0.1:9"), "watch", target, "--env", environment);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldStartWith($"kisfeed: {message}");
    }

    [Fact]
    public async Task A_refused_registration_is_reported_with_its_code_and_name()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { HtsId = "SomebodyElse" });
        var run = await CommandRun.WithVariablesAsync(service.Variables, "watch", "index:0001", "notice", "--format", "json");

        run.ExitCode.ShouldBe(ExitCode.Refused);
        run.Error.ShouldStartWith("kisfeed: notice: H0IFCNI0 was refused: OPSP0017");
    }

    [Fact]
    public async Task Refused_credentials_are_reported_without_showing_them()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { AppKey = "SOMEBODYELSESAPPKEY0000000" });
        var run = await CommandRun.WithVariablesAsync(service.Variables, "watch", "index:0001");

        run.ExitCode.ShouldBe(ExitCode.Refused);
        run.Error.ShouldEndWith("EGW00103 유효하지 않은 AppKey입니다; correct KISFEED_APPKEY and KISFEED_APPSECRET: the app key must be one "
            + "of this service (Production)\n");
        Count(run.Error, "KISFEED_APPKEY").ShouldBe(1, run.Error);
        run.Error.ShouldNotContain("KisFeedOptions");

        // With reconnecting the message is the same.
        var waiting = await CommandRun.WithVariablesAsync(service.Variables, "watch", "index:0001", "--wait");
        waiting.ExitCode.ShouldBe(ExitCode.Refused);
        Count(waiting.Error, "KISFEED_APPKEY").ShouldBe(1, waiting.Error);
        waiting.Error.ShouldEndWith(
            "one of this service (Production); no further attempt is made: correct the credentials and start again\n");
        run.Error.ShouldNotContain(Service.AppKey);
        run.Error.ShouldNotContain(Service.AppSecret);
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    [Fact]
    public async Task A_second_session_of_the_same_app_key_is_refused()
    {
        await using var service = await Service.StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(
            new KisFeedOptions { AppKey = Service.AppKey, AppSecret = Service.AppSecret, WebSocketUrl = new Uri(service.Url) });
        await using var held = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        (await CommandRun.WithVariablesAsync(service.Variables, "watch", "index:0001", "--no-reconnect"))
            .ShouldFail(ExitCode.Refused, "OPSP8996");
    }

    [Fact]
    public async Task An_unreachable_service_is_reported()
    {
        string url;
        await using (var service = await Service.StartAsync())
            url = service.Url;
        (await CommandRun.WithVariablesAsync(Service.VariablesFor(url), "watch", "index:0001"))
            .ShouldFail(ExitCode.ConnectionLost, "cannot be reached");
    }

    [Fact]
    public async Task Cancellation_is_a_success()
    {
        await using var service = await Service.StartAsync();
        var run = await CommandRun.UntilAsync(["H0UPCNT0"], service.Variables, "watch", "index:0001", "--format", "json");

        run.ExitCode.ShouldBe(ExitCode.Success);
        run.Output.ShouldEndWith("}\n");
        run.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_duration_ends_the_command()
    {
        await using var service = await Service.StartAsync();
        (await CommandRun.WithVariablesAsync(service.Variables, "watch", "index:0001", "--duration", "100ms")).ExitCode
            .ShouldBe(ExitCode.Success);
    }

    [Theory]
    [InlineData("'nothing' is not a feed", "nothing:0001")]
    [InlineData("has no key: add the sector code", "index")]
    [InlineData("has no key", "index:")]
    [InlineData("'--formt'", "index:0001", "--formt")]
    [InlineData("'0' is not a valid count", "index:0001", "--count", "0")]
    [InlineData("'10' is not a valid duration", "index:0001", "--duration", "10")]
    [InlineData("--url: 'http://x'", "index:0001", "--url", "http://x")]
    [InlineData("--rest: 'ws://x'", "index:0001", "--rest", "ws://x")]
    public async Task Wrong_usage_is_reported(string message, params string[] arguments)
    {
        (await CommandRun.WithVariablesAsync(Service.VariablesFor("ws://127.0.0.1:9"), ["watch", .. arguments]))
            .ShouldFail(ExitCode.Usage, message);
    }

    [Theory]
    [InlineData("watch", "index:0001", "--count", "3")]
    [InlineData("watch", "notice", "--count", "1")]
    [InlineData("doctor")]
    public async Task A_service_on_this_machine_needs_no_credentials(params string[] arguments)
    {
        await using var service = await Service.StartAsync();

        var run = await CommandRun.OfAsync([.. arguments, "--url", service.Url]);

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error + run.Output);
        run.Error.ShouldContain($"no credentials are configured: using placeholders for {new Uri(service.Url).Authority}");
    }

    [Fact]
    public async Task Placeholder_credentials_are_never_sent_to_other_machines()
    {
        (await CommandRun.OfAsync("watch", "index:0001", "--url", "ws://127.0.0.1:1", "--rest", "http://gateway.example:2"))
            .ShouldFail(ExitCode.Usage, "KISFEED_APPKEY and KISFEED_APPSECRET are not set");
    }

    [Theory]
    [InlineData(ServiceSettings.AppKeyVariable, "KISFEED_APPKEY is not set")]
    [InlineData(ServiceSettings.AppSecretVariable, "KISFEED_APPSECRET is not set")]
    [InlineData(ServiceSettings.HtsIdVariable, "has no HTS ID")]
    public async Task Missing_settings_are_reported(string variable, string message)
    {
        var variables = Service.VariablesFor("ws://127.0.0.1:9");
        variables.Remove(variable);
        var run = await CommandRun.WithVariablesAsync(variables, "watch", "notice");

        run.ShouldFail(ExitCode.Usage, message);
        run.Error.ShouldContain(variable);
    }
}

namespace KisFeed.Cli.Tests.Commands;

public sealed class SimulateTests
{
    private static readonly Dictionary<string, string> s_noVariables = new(StringComparer.Ordinal);


    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task The_printed_address_is_served_and_a_signal_ends_the_simulator(string signal)
    {
        await using var process = ProcessRunner.StartKisFeed("simulate", "--port", "0", "--format", "json");
        var line = await process.ReadLineAsync(Patience.Limit);
        using var json = JsonDocument.Parse(line);
        var socket = new Uri(json.RootElement.GetProperty("websocket").GetString()!);
        socket.Port.ShouldBe(json.RootElement.GetProperty("port").GetInt32());
        await using (var client = await KisFeedClient.ConnectAsync(new KisFeedOptions
        {
            AppKey = Service.AppKey,
            AppSecret = Service.AppSecret,
            WebSocketUrl = socket,
            RestUrl = new Uri(json.RootElement.GetProperty("rest").GetString()!),
        }))
        {
            await using var kospi = await client.SubscribeAsync(IndexTrade.Feed, "0001");
            await foreach (var tick in kospi.ReadAllAsync())
            {
                tick.Code.ShouldBe("0001");
                break;
            }
        }

        await process.SignalAsync(signal);

        (await process.WaitForExitAsync(Patience.Limit)).ShouldBe(ExitCode.Success, process.Errors);
        process.Output.TrimEnd().ShouldBe(line);
        process.Errors.ShouldContain("Connection 1 registered H0UPCNT0 0001");
        process.Errors.ShouldNotContain(Service.AppKey);
    }

    [Fact]
    public async Task The_guide_has_the_settings_of_a_client_and_a_working_example()
    {
        var guide = await CommandRun.OfAsync("simulate", "--port", "0", "--duration", "100ms");

        guide.ExitCode.ShouldBe(ExitCode.Success, guide.Error);
        var socket = guide.Lines.Single(l => l.Contains("WebSocket  ws://", StringComparison.Ordinal)).Split("  ")[^1];
        var rest = guide.Lines.Single(l => l.Contains("REST  ", StringComparison.Ordinal)).Split("  ")[^1].Trim();
        socket.ShouldMatch("^ws://127.0.0.1:[0-9]+$");
        rest.ShouldBe(socket.Replace("ws://", "http://"));
        guide.Output.ShouldContain($"  {socket}/tryitout ");
        guide.Output.ShouldContain($"  prod: \"{rest}\"\n  ops: \"{socket}\"\n  vps: \"{rest}\"\n  vops: \"{socket}\"\n");

        await using var service = await Service.StartAsync();
        var variables = guide.Lines.Where(l => l.StartsWith("  export ", StringComparison.Ordinal))
            .Select(l => l["  export ".Length..].Split('='))
            .ToDictionary(v => v[0], v => v[1], StringComparer.Ordinal);
        variables["KISFEED_URL"].ShouldBe(socket);
        variables["KISFEED_URL"] = service.Url;
        var example = guide.Lines.Single(l => l.StartsWith("  kisfeed watch ", StringComparison.Ordinal)).Trim().Split(' ')[1..];
        var run = await CommandRun.UntilAsync(["H0UPCNT0", "H0BJCNT0", "H0UNPGM0", "H0IFCNI0"], variables, example);
        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
    }

    [Fact]
    public async Task Given_credentials_are_the_only_valid_ones_and_are_not_shown()
    {
        const string Secret = "THEONLYSECRETTHEONLYSECRETTHEONLYSECRETTHEONLYSECRET";
        var run = await CommandRun.OfAsync(
            "simulate", "--port", "0", "--duration", "100ms", "--appkey", "THEONLYKEYTHEONLYKEYTHEONLYKEY", "--appsecret", Secret,
            "--htsid", "OnlyId");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        (run.Output + run.Error).ShouldNotContain("THEONLY");
        run.Output.ShouldContain("KISFEED_APPSECRET='the --appsecret'");
    }

    [Theory]
    [InlineData(false, "--heartbeat", "50ms", "--heartbeat-timeout", "50ms")]
    [InlineData(true, "--heartbeat", "50ms", "--heartbeat-timeout", "off")]
    [InlineData(true, "--heartbeat", "50ms", "--lenient")]
    [InlineData(false, "--heartbeat", "50ms", "--lenient", "--heartbeat-timeout", "50ms")]
    public async Task An_option_controls_whether_unanswered_heartbeats_close_the_connection(bool staysOpen, params string[] options)
    {
        await using var simulator = RunningCommand.Start(
            s_noVariables, ["simulate", "--port", "0", "--format", "json", "--rate", "0.001", .. options]);
        await using var client = await FeedClient.ConnectAsync(await UrlOfAsync(simulator));
        (await client.ReceiveControlAsync()).ShouldContain("PINGPONG");

        (await client.ReceiveAsync() is not null).ShouldBe(staysOpen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true, "--pong", "lenient")]
    [InlineData(true, "--lenient")]
    [InlineData(false, "--lenient", "--pong", "strict")]
    public async Task An_option_controls_whether_unsolicited_pongs_are_ignored(bool isIgnored, params string[] options)
    {
        await using var simulator = RunningCommand.Start(
            s_noVariables, ["simulate", "--port", "0", "--format", "json", "--rate", "0.001", .. options]);
        await using var client = await RawClient.ConnectAsync(await UrlOfAsync(simulator));
        await client.SendAsync([.. RawClient.Frame(RawClient.Pong, []), .. RawClient.Frame(RawClient.Text, "{}"u8.ToArray())]);

        ((await client.ReceiveAsync()) is not null).ShouldBe(isIgnored);
    }

    [Theory]
    [InlineData("OPSP8997")]
    [InlineData("OPSP0011", "--requests", "lenient")]
    [InlineData("OPSP0011", "--lenient")]
    public async Task An_option_controls_whether_numbers_in_requests_are_accepted(string code, params string[] options)
    {
        await using var simulator = RunningCommand.Start(
            s_noVariables, ["simulate", "--port", "0", "--format", "json", "--rate", "0.001", .. options]);
        await using var client = await FeedClient.ConnectAsync(await UrlOfAsync(simulator), "no key");

        (await client.AskAsync("""{"header":{"approval_key":"none","custtype":"P","tr_type":1},"body":{"input":"""
            + """{"tr_id":"H0UPCNT0","tr_key":1001}}}""")).Code.Value.ShouldBe(code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true, "--in-use", "close")]
    public async Task An_option_controls_how_a_session_with_an_app_key_in_use_ends(bool isClosed, params string[] options)
    {
        await using var simulator = RunningCommand.Start(
            s_noVariables, ["simulate", "--port", "0", "--format", "json", "--rate", "0.001", .. options]);
        var url = await UrlOfAsync(simulator);
        await using var first = await FeedClient.ConnectAsync(url);
        (await first.RegisterAsync("H0UPCNT0", "0001")).IsSuccess.ShouldBeTrue();
        await using var second = await RawClient.ConnectAsync(url);
        await second.SendTextAsync(FeedClient.Request(first.ApprovalKey, "1", "H0UPCNT0", "0001"));

        var frames = await second.ReceiveAllAsync();

        frames.Select(frame => frame.Opcode).ShouldBe(isClosed ? [RawClient.Text, RawClient.Close] : [RawClient.Text]);
    }

    [Fact]
    public async Task Faults_and_the_start_time_are_configurable()
    {
        await using var process = ProcessRunner.StartKisFeed(
            "simulate", "--port", "0", "--format", "json", "--fault", "refuse=OPSP0008", "--fault", "split-frames", "--admin", "--start",
            "11:30");
        var line = await process.ReadLineAsync(Patience.Limit);
        using var json = JsonDocument.Parse(line);
        var admin = new Uri(json.RootElement.GetProperty("admin").GetString()!);
        await using var client = await KisFeedClient.ConnectAsync(new KisFeedOptions
        {
            AppKey = Service.AppKey,
            AppSecret = Service.AppSecret,
            WebSocketUrl = new Uri(json.RootElement.GetProperty("websocket").GetString()!),
        });
        (await Should.ThrowAsync<SubscribeRefusedException>(() => client.SubscribeAsync(IndexTrade.Feed, "0001"))).Code.Value
            .ShouldBe("OPSP0008");

        using var http = new HttpClient { Timeout = Patience.Limit };
        (await http.GetStringAsync(admin)).ShouldContain("""{"faults":["refuse=OPSP0008","split-frames"],""");
        using var content = new StringContent("""{"faults":["grow-columns=2"]}""");
        (await http.PutAsync(admin, content)).EnsureSuccessStatusCode();

        await using var kospi = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await foreach (var tick in kospi.ReadAllAsync())
        {
            tick.Time!.Value.ShouldBeInRange(new TimeOnly(11, 30), new TimeOnly(11, 40));
            break;
        }

        process.Errors.ShouldNotContain(Service.AppKey);
    }

    [Fact]
    public async Task The_guide_lists_the_faults_and_how_to_change_them()
    {
        var guide = await CommandRun.OfAsync(
            "simulate", "--port", "0", "--duration", "100ms", "--fault", "drop-after=200", "--fault", "bad-utf8=0.001", "--admin",
            "--start", "now");

        guide.ExitCode.ShouldBe(ExitCode.Success, guide.Error);
        guide.Lines.ShouldContain("Faults: drop-after=200 bad-utf8=0.001", StringComparer.Ordinal);
        guide.Lines.ShouldContain(l => l.StartsWith("  Faults     http://127.0.0.1:", StringComparison.Ordinal)
            && l.EndsWith("/admin/faults", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_help_describes_every_fault()
    {
        var help = await CommandRun.OfAsync("simulate", "--help");
        foreach (var kind in KisFeed.Simulator.SimulatorFaults.Kinds)
        {
            help.Lines.ShouldContain(
                l => l.Contains($" {kind} ", StringComparison.Ordinal) && l.Contains(kind.Meaning, StringComparison.Ordinal), kind.Name);
        }
    }

    [Fact]
    public void The_documentation_has_exactly_the_existing_faults()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "KisFeed.slnx")))
            folder = folder.Parent.ShouldNotBeNull("the tests run outside the repository");
        var page = File.ReadAllLines(Path.Combine(folder.FullName, "docs", "simulator.md"));

        var table = page.SkipWhile(l => l != "| fault | what happens |").Skip(2)
            .TakeWhile(l => l.StartsWith("| `", StringComparison.Ordinal));

        table.Select(l => l.Split('`')[1]).ShouldBe(KisFeed.Simulator.SimulatorFaults.Kinds.Select(kind => kind.ToString()));
    }

    [Fact]
    public async Task A_day_ends_once_and_restarts_only_with_loop()
    {
        await using var simulator = RunningCommand.Start(
            s_noVariables, ["simulate", "--port", "0", "--format", "json", "--rate", "max", "--start", "15:29:50"]);
        var url = await UrlOfAsync(simulator);
        await using var watch = RunningCommand.Start(s_noVariables, ["watch", "index:0001", "--url", url.AbsoluteUri, "--format", "json"]);
        await simulator.WaitForErrorAsync("The simulated trading day is over, at 15:30");
        await watch.WaitForOutputAsync(text => text.Contains("\"time\":\"152959\"", StringComparison.Ordinal));
        var seen = await watch.InterruptAsync();
        var times = seen.Objects.Where(o => o.TryGetProperty("time", out _)).Select(o => o.GetProperty("time").GetString()).ToList();
        times.ShouldNotBeEmpty(seen.Output);
        times.ShouldBe(times.Order(StringComparer.Ordinal));

        await using var looping = RunningCommand.Start(
            s_noVariables, ["simulate", "--port", "0", "--format", "json", "--rate", "max", "--start", "15:29:50", "--loop"]);
        await using var next = RunningCommand.Start(
            s_noVariables, ["watch", "index:0001", "--url", (await UrlOfAsync(looping)).AbsoluteUri, "--format", "json"]);
        await next.WaitForOutputAsync(text => text.Contains("\"time\":\"090000\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_speed_requires_a_numeric_rate()
    {
        (await CommandRun.OfAsync("simulate", "--port", "0", "--rate", "max", "--speed", "60"))
            .ShouldFail(ExitCode.Usage, "--speed needs a numeric --rate");

        var guide = await CommandRun.OfAsync("simulate", "--port", "0", "--speed", "60", "--duration", "100ms");
        guide.Lines[0].ShouldContain("50 market events per second of market time, which runs 60 times as fast as real time");
    }

    [Fact]
    public async Task A_port_in_use_is_reported()
    {
        await using var service = await Service.StartAsync();
        var port = new Uri(service.Url).Port;
        var run = await CommandRun.OfAsync("simulate", "--port", $"{port}");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldBe($"kisfeed: another program listens on port {port} of 127.0.0.1; '--port 0' uses a free port\n");
        run.Output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("--port", "99999")]
    [InlineData("--port", "-1")]
    [InlineData("--rate", "0")]
    [InlineData("--rate", "fast")]
    [InlineData("--rate", "1e999")]
    [InlineData("--speed", "0")]
    [InlineData("--speed", "max")]
    [InlineData("--address", "somewhere")]
    [InlineData("--seed", "x")]
    [InlineData("--duration", "0s")]
    [InlineData("--start", "08:59")]
    [InlineData("--start", "15:30:00")]
    [InlineData("--start", "9")]
    [InlineData("--start", "noon")]
    [InlineData("--heartbeat", "0s")]
    [InlineData("--heartbeat-timeout", "never")]
    [InlineData("--pong", "off")]
    [InlineData("--requests", "loose")]
    [InlineData("--in-use", "cut")]
    [InlineData("--fault", "drop")]
    [InlineData("--fault", "drop-after=0")]
    [InlineData("--fault", "refuse=OPSP")]
    public async Task Invalid_options_are_refused(string option, string value)
    {
        string[] freePort = option == "--port" ? [] : ["--port", "0"];
        var run = await CommandRun.OfAsync(["simulate", option, value, .. freePort]);

        run.ExitCode.ShouldBe(ExitCode.Usage, run.Output);
        run.Error.ShouldContain($"'{value}'");
        run.Error.ShouldNotContain("Parameter");
    }

    private static async Task<Uri> UrlOfAsync(RunningCommand simulator)
    {
        await simulator.WaitForOutputAsync(text => text.Contains('\n', StringComparison.Ordinal));
        return new Uri(JsonSerializer.Deserialize<JsonElement>(simulator.Output).GetProperty("websocket").GetString()!);
    }
}

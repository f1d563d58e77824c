using System.Net;
using System.Net.Sockets;
using KisFeed.Capture.Tests;
using KisFeed.Simulator;
using KisFeed.Wire;
using Captured = KisFeed.Capture.Tests.Ticks;

namespace KisFeed.Cli.Tests.Commands;

public sealed class GatewayTests : IDisposable
{
    private static readonly Dictionary<string, string> s_noVariables = new(StringComparer.Ordinal);
    private static readonly HttpClient s_web = new();

    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_credentials_the_data_are_simulated_which_is_printed_immediately()
    {
        await using var gateway = RunningCommand.Start(s_noVariables, "gateway", "--port", "0");
        await gateway.WaitForOutputAsync(text => text.Contains("Ctrl-C", StringComparison.Ordinal));

        gateway.Error.ShouldStartWith("kisfeed: SIMULATED DATA: no credentials were found");
        gateway.Output.ShouldStartWith("KisFeed gateway: SIMULATED DATA");
        gateway.Output.ShouldContain("Anyone who can reach this address can connect");
        gateway.Output.ShouldMatch(@"\n  Dashboard  (http://127\.0\.0\.1:\d+/|left out of this build: .*)\n");
        (await gateway.InterruptAsync()).ExitCode.ShouldBe(ExitCode.Success);
    }

    [Theory]
    [InlineData(ServiceSettings.AppKeyVariable, "--log", "none")]
    [InlineData(ServiceSettings.AppSecretVariable, "--log", "none")]
    [InlineData(ServiceSettings.UrlVariable, "--log", "none")]
    [InlineData(null, "--live")]
    [InlineData(null, "--env", "mock")]
    [InlineData(null, "--url", "ws://gateway.example:21000")]
    public async Task A_partial_configuration_of_a_service_does_not_simulate(string? variable, params string[] arguments)
    {
        var variables = variable is null
            ? s_noVariables
            : new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [variable] = variable == ServiceSettings.UrlVariable ? "ws://gateway.example:21000" : Service.AppKey,
            };

        var run = await CommandRun.WithVariablesAsync(variables, ["gateway", "--port", "0", .. arguments]);

        run.ShouldFail(ExitCode.Usage, "kisfeed gateway --simulate");
        run.Error.ShouldNotContain("SIMULATED DATA");
        run.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_configured_credentials_file_does_not_simulate()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [$"{ServiceSettings.AppSecretVariable}_FILE"] = "/run/credentials/none",
        };

        var run = await CommandRun.WithVariablesAsync(variables, "gateway", "--port", "0", "--log", "none");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldStartWith("kisfeed: KISFEED_APPSECRET_FILE names /run/credentials/none, which does not exist");
        run.Error.ShouldNotContain("SIMULATED DATA");
    }

    [Fact]
    public async Task The_simulate_option_overrides_the_configuration()
    {
        await using var gateway = RunningCommand.Start(
            Service.VariablesFor("ws://127.0.0.1:1"), "gateway", "--port", "0", "--simulate", "--format", "json", "--rate", "500");
        var url = await UrlOfAsync(gateway);

        var watch = await CommandRun.WithVariablesAsync(
            Service.VariablesFor(url), "watch", "index:0001", "program:005930", "--count", "20", "--format", "json");
        await using var client = await FeedClient.ConnectAsync(new Uri(url));

        (await client.RegisterAsync("H0IFCNI9", "anna")).IsSuccess.ShouldBeTrue("a simulator has the feeds of both services");
        watch.ExitCode.ShouldBe(ExitCode.Success, watch.Error);
        watch.Objects.Length.ShouldBe(20);
        gateway.Error.ShouldStartWith("kisfeed: SIMULATED DATA: --simulate,");
    }

    [Fact]
    public async Task Watch_and_curl_receive_the_same_data()
    {
        await using var service = await Service.StartAsync();
        await using var gateway = RunningCommand.Start(service.Variables, "gateway", "--port", "0", "--format", "json");
        var url = await UrlOfAsync(gateway);

        var watch = await CommandRun.WithVariablesAsync(
            Service.VariablesFor(url), "watch", "index:0001", "--count", "5", "--format", "json");

        watch.ExitCode.ShouldBe(ExitCode.Success, watch.Error);
        watch.Objects.ShouldAllBe(item => item.GetProperty("key").GetString() == "0001");
        gateway.Error.ShouldNotContain("SIMULATED");
        (await gateway.InterruptAsync()).ExitCode.ShouldBe(ExitCode.Success);
    }

    [Fact]
    public async Task A_capture_can_be_upstream_and_recorded_again()
    {
        using (var writer = _folder.Write())
        {
            for (var i = 0; i < 100; i++)
                writer.Write("H0UPCNT0", Captured.Index(i), Captured.Opening.AddMilliseconds(i * 10));
            writer.Close();
        }

        var again = Path.Combine(_folder.Path, "again");
        await using var gateway = RunningCommand.Start(
            s_noVariables, "gateway", "--port", "0", "--format", "json", "--replay", _folder.Path, "--speed", "max", "--record", again);
        var url = await UrlOfAsync(gateway);

        var watch = await CommandRun.WithVariablesAsync(
            Service.VariablesFor(url), "watch", "index:0001", "--count", "100", "--format", "json");
        var run = await gateway.InterruptAsync();

        watch.ExitCode.ShouldBe(ExitCode.Success, watch.Error);
        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        var before = await CommandRun.OfAsync("replay", _folder.Path, "--stdout", "--speed", "max");
        (await CommandRun.OfAsync("replay", again, "--stdout", "--speed", "max")).Lines.ShouldBe(before.Lines[..100]);
    }

    [Fact]
    public async Task Names_are_read_from_files_and_an_unreadable_file_prevents_the_start()
    {
        var path = Path.Combine(_folder.Path, "own.csv");
        await File.WriteAllTextAsync(path, "kind,code,name\nstock,000020,동화약품\n");
        await using var gateway = RunningCommand.Start(
            s_noVariables, "gateway", "--port", "0", "--simulate", "--format", "json", "--instruments", path);
        var url = (await UrlOfAsync(gateway)).Replace("ws:", "http:", StringComparison.Ordinal);

        (await s_web.GetStringAsync(new Uri($"{url}/v1/instruments")))
            .ShouldContain("""{"kind":"stock","code":"000020","name":"동화약품","englishName":null}""");
        await File.WriteAllTextAsync(path, "kind,code,name\nstock,20,동화약품\n");
        (await CommandRun.OfAsync("gateway", "--port", "0", "--simulate", "--instruments", path))
            .ShouldFail(ExitCode.Usage, $"{path}, line 2: '20' is not a valid code of kind stock");
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public async Task A_public_address_requires_tokens(string address)
    {
        var run = await CommandRun.OfAsync("gateway", "--simulate", "--port", "0", "--listen", address);

        run.ShouldFail(ExitCode.Usage, "kisfeed gateway token add");
        run.Error.ShouldContain("--insecure-no-tokens");
        run.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task With_a_token_file_a_public_address_admits_only_its_consumers()
    {
        var tokens = Path.Combine(_folder.Path, "tokens.json");
        var added = (await CommandRun.OfAsync("gateway", "token", "add", "desk", "--file", tokens, "--format", "json")).Objects
            .ShouldHaveSingleItem();
        await using var gateway = RunningCommand.Start(
            s_noVariables, "gateway", "--simulate", "--port", "0", "--listen", "0.0.0.0", "--tokens", tokens, "--format", "json");
        var url = await UrlOfAsync(gateway);
        var variables = Service.VariablesFor(url);

        var unauthenticated = await CommandRun.WithVariablesAsync(variables, "watch", "index:0001", "--count", "1", "--no-reconnect");
        variables[ServiceSettings.AppKeyVariable] = added.GetProperty("appKey").GetString()!;
        variables[ServiceSettings.AppSecretVariable] = added.GetProperty("appSecret").GetString()!;
        var tlsGateway = await CommandRun.WithVariablesAsync(variables, "watch", "index:0001", "--count", "1", "--no-reconnect");

        unauthenticated.ExitCode.ShouldBe(ExitCode.Refused, unauthenticated.Error);
        tlsGateway.ExitCode.ShouldBe(ExitCode.Success, tlsGateway.Error);
        gateway.Error.ShouldNotContain("Everybody");
        gateway.Error.ShouldNotContain(added.GetProperty("appSecret").GetString()!);
    }

    [Fact]
    public async Task Limits_of_each_consumer_and_of_all_together_apply()
    {
        const int Connections = 5;
        var tokens = Path.Combine(_folder.Path, "tokens.json");
        var added = (await CommandRun.OfAsync("gateway", "token", "add", "desk", "--file", tokens, "--format", "json")).Objects
            .ShouldHaveSingleItem();
        await using var gateway = RunningCommand.Start(
            s_noVariables, "gateway", "--simulate", "--port", "0", "--tokens", tokens, "--format", "json", "--max-registrations", "2",
            "--max-consumer-connections", "1", "--max-connections", $"{Connections}");
        var url = new Uri(await UrlOfAsync(gateway));
        var approval = await RestClient.ApprovalKeyAsync(
            new UriBuilder(url) { Scheme = "http" }.Uri,
            added.GetProperty("appKey").GetString()!,
            added.GetProperty("appSecret").GetString()!);
        await using var one = await FeedClient.ConnectAsync(url, approval);
        await using var other = await FeedClient.ConnectAsync(url, approval);

        (await one.RegisterAsync("H0UPCNT0", "0001")).IsSuccess.ShouldBeTrue();
        (await one.RegisterAsync("H0UPCNT0", "1001")).IsSuccess.ShouldBeTrue();
        (await one.RegisterAsync("H0UPCNT0", "2001")).Code.ShouldBe(BrokerCode.TooManySubscriptions);
        (await other.RegisterAsync("H0UPCNT0", "0001")).Code.ShouldBe(BrokerCode.AppKeyInUse);

        var idle = Enumerable.Range(0, Connections).Select(_ => new TcpClient("127.0.0.1", url.Port)).ToArray();
        await await Task.WhenAny(idle.Select(EndAsync));
        Array.ForEach(idle, static tcp => tcp.Dispose());
    }

    [Fact]
    public async Task The_insecure_option_listens_for_everybody_with_a_warning()
    {
        await using var gateway = RunningCommand.Start(
            s_noVariables, "gateway", "--simulate", "--port", "0", "--listen", "0.0.0.0", "--insecure-no-tokens");
        await gateway.WaitForOutputAsync(text => text.Contains("Ctrl-C", StringComparison.Ordinal));

        gateway.Error.ShouldContain("warning: Anyone who can reach 0.0.0.0 has access");
    }

    [Fact]
    public async Task A_gateway_whose_credentials_are_refused_keeps_running_and_says_why()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { AppKey = "SOMEBODYELSE00000000000000000000000000" });
        await using var gateway = RunningCommand.Start(
            service.Variables, "gateway", "--port", "0", "--keep", "index:0001", "--log", "none", "--format", "json");
        await gateway.WaitForErrorAsync("the gateway keeps running and serves what it has");
        var url = JsonDocument.Parse(gateway.Output).RootElement.GetProperty("rest").GetString();

        using var ready = await s_web.GetAsync(new Uri($"{url}/readyz"));
        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var reason = await ready.Content.ReadAsStringAsync();
        reason.ShouldContain("The upstream session has ended permanently, since 2");
        reason.ShouldContain("the credentials are refused");
        (await s_web.GetStringAsync(new Uri($"{url}/healthz"))).ShouldBe("ok\n");

        var run = await gateway.InterruptAsync();
        run.ExitCode.ShouldBe(ExitCode.Refused, run.Error);
        run.Error.ShouldNotContain(Service.AppKey);
    }

    [Fact]
    public async Task With_a_limit_refused_credentials_end_the_gateway()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { AppKey = "SOMEBODYELSE00000000000000000000000000" });

        var run = await CommandRun.WithVariablesAsync(
            service.Variables, "gateway", "--port", "0", "--keep", "index:0001", "--log", "none", "--give-up-after", "1h");

        run.ExitCode.ShouldBe(ExitCode.Refused, run.Error);
    }

    [Fact]
    public async Task A_gateway_ends_when_its_service_was_unreachable_for_the_given_time()
    {
        using var port = ReservedPort.Take();

        var run = await CommandRun.WithVariablesAsync(
            Service.VariablesFor($"ws://127.0.0.1:{port.Number}"), "gateway", "--port", "0", "--keep", "index:0001", "--log", "none",
            "--give-up-after", "300ms");

        run.ShouldFail(ExitCode.ConnectionLost, "given up after 300ms");
    }

    [Theory]
    [InlineData("--live and --simulate cannot be used together", "--live", "--simulate")]
    [InlineData("--speed needs --replay", "--speed", "2")]
    [InlineData("--record-notices needs --record", "--record-notices")]
    [InlineData("--keep-days needs --record", "--keep-days", "30")]
    [InlineData("--sink needs --record", "--sink", "postgres://u@h/d")]
    [InlineData("the database is missing", "--simulate", "--record", "capture", "--sink")]
    [InlineData("the address of the database is not valid", "--simulate", "--record", "capture", "--sink", "nowhere")]
    [InlineData("--simulate and --upstream cannot be used together", "--simulate", "--upstream", "amqp://h")]
    [InlineData("For another gateway use --url, for a capture --replay", "--upstream", "amqp://h", "--url", "ws://127.0.0.1:1")]
    [InlineData("the address of the cluster is not valid", "--upstream", "http://h")]
    [InlineData("the cluster is missing", "--upstream")]
    [InlineData("--amqp-prefix needs --upstream", "--simulate", "--amqp-prefix", "x")]
    [InlineData("--amqp-partitions must be from 1 to 64", "--upstream", "amqp://h", "--amqp-partitions", "65")]
    [InlineData(
        "name a file with the certificates of the cluster's authorities", "--upstream", "amqps://h", "--amqp-ca", "/nonexistent/ca.pem")]
    [InlineData("upstream has room for 1;", "--upstream", "amqp://h", "--max-keys", "1", "--keep", "index:0001,index:1001")]
    [InlineData("--max-keys needs --upstream", "--simulate", "--max-keys", "20")]
    [InlineData("'0' is not a valid count for --max-keys", "--upstream", "amqp://h", "--max-keys", "0")]
    [InlineData("--max-size needs --record", "--max-size", "10G")]
    [InlineData("'4318' is not a valid address", "--otlp", "4318")]
    [InlineData("'0' is not a valid count for --max-registrations. Use a whole number above 0.", "--max-registrations", "0")]
    [InlineData("'many' is not a valid count", "--max-consumer-connections", "many")]
    [InlineData("'-1' is not a valid count", "--max-connections", "-1")]
    [InlineData("'nowhere' is not a valid IP address", "--listen", "nowhere")]
    [InlineData("has no key", "--simulate", "--keep", "index")]
    [InlineData("'KOSPA' is not a valid key of index", "--simulate", "--keep", "index:KOSPA")]
    [InlineData("is not a valid origin", "--simulate", "--allow-origin", "charts.example")]
    [InlineData("neither a file nor a folder", "--replay", "/nonexistent/capture")]
    public async Task Wrong_options_are_reported(string problem, params string[] arguments)
    {
        (await CommandRun.OfAsync(["gateway", "--port", "0", .. arguments])).ShouldFail(ExitCode.Usage, problem);
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task A_cluster_that_refuses_the_password_ends_an_edge_and_the_password_is_in_no_message()
    {
        await using var node = await RabbitNode.StartAsync();
        var address = new UriBuilder(node.Address) { UserName = "nobody", Password = "" }.Uri.ToString();

        var run = await CommandRun.WithVariablesAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["KISFEED_AMQP_PASSWORD"] = "correct-horse-battery" }, "gateway",
            "--port", "0", "--upstream", address);

        run.ShouldFail(ExitCode.ConnectionLost, "the cluster refuses the user or the password: check the user name and the password");
        run.Error.ShouldNotContain("battery");
        run.Output.ShouldContain($"the cluster at amqp://127.0.0.1:{node.Port}");
    }

    [Fact]
    public async Task A_port_in_use_is_reported()
    {
        await using var service = await Service.StartAsync();

        (await CommandRun.OfAsync("gateway", "--simulate", "--port", $"{service.Port}"))
            .ShouldFail(ExitCode.Usage, $"another program listens on port {service.Port}");
    }

    [Fact]
    public async Task The_duration_ends_the_gateway()
    {
        var run = await CommandRun.OfAsync("gateway", "--simulate", "--port", "0", "--duration", "200ms");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
    }

    [Fact]
    public async Task Progress_is_reported()
    {
        await using var gateway = RunningCommand.Start(
            s_noVariables, "gateway", "--simulate", "--port", "0", "--format", "json", "--keep", "index:0001,index:1001");
        var url = (await UrlOfAsync(gateway)).Replace("ws://", "http://", StringComparison.Ordinal);

        await Patience.UntilAsync(async () =>
        {
            using var answer = await s_web.GetAsync(new Uri($"{url}/v1/last/index/0001"));
            return answer.IsSuccessStatusCode;
        });
        var status = JsonSerializer.Deserialize<JsonElement>(await s_web.GetStringAsync(new Uri($"{url}/v1/status")));

        status.GetProperty("registrations").GetArrayLength().ShouldBe(2);
        status.GetProperty("upstream").ToString().ShouldContain("open");
    }

    private static async Task EndAsync(TcpClient tcp)
    {
        try
        {
            (await tcp.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Patience.Limit)).ShouldBe(0);
        }
        catch (IOException)
        {
            // Reset.
        }
    }

    private static async Task<string> UrlOfAsync(RunningCommand gateway)
    {
        await gateway.WaitForOutputAsync(text => text.Contains('\n', StringComparison.Ordinal));
        return JsonSerializer.Deserialize<JsonElement>(gateway.Output).GetProperty("websocket").GetString()!;
    }
}

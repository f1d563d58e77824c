using KisFeed.Capture.Tests;
using KisFeed.Simulator;

namespace KisFeed.Cli.Tests.Gateways;

/// <summary>
/// A recorder and a gateway with consumers through a long outage of the service: 40 minutes of OPSP8996, 20 minutes of sockets that are
/// accepted and closed, 10 minutes without an answer. All times, and those of the policy, are 240 times shorter.
/// </summary>
public sealed class OutageTests : IDisposable
{
    private const int Compression = 240;

    private static readonly ReconnectPolicy s_default = ReconnectPolicy.Default;
    private static readonly ReconnectPolicy s_policy = s_default with
    {
        InitialDelay = s_default.InitialDelay / Compression,
        MaxDelay = s_default.MaxDelay / Compression,
        MaxRefusedDelay = s_default.MaxRefusedDelay / Compression,
        StableAfter = s_default.StableAfter / Compression,
        AppKeyInUseDelay = s_default.AppKeyInUseDelay / Compression,
        AttemptsPerMinute = s_default.AttemptsPerMinute * Compression,
        AttemptsPerHour = s_default.AttemptsPerHour * Compression,
    };

    private readonly CaptureFolder _folder = new();
    private readonly ReservedPort _port = ReservedPort.Take();

    public void Dispose()
    {
        _folder.Dispose();
        _port.Dispose();
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task Recorder_and_gateway_outlast_the_broker_and_keep_their_consumers()
    {
        var options = new SimulatorOptions { Port = _port.Number, Rate = 500 };
        var service = await SimulatorServer.StartAsync(options);
        try
        {
            await using var record = Start("record", "index:0001", "--dir", _folder.Path, "--flush", "10ms", "--format", "json");
            await using var gateway = Start("gateway", "--port", "0", "--keep", "index:1001", "--log", "none", "--format", "json");
            await gateway.WaitForOutputAsync(output => output.Contains('\n', StringComparison.Ordinal));
            var url = new Uri(JsonDocument.Parse(gateway.Output).RootElement.GetProperty("websocket").GetString()!);
            await using var consumers = await ConsumersAsync(url, 3);
            await consumers.ReceiveAsync();
            await record.WaitForOutputAsync(output => Flushed(output) > 20);

            service.SetFaults(SimulatorFaults.Parse("refuse=OPSP8996"));
            service.DropConnections();
            await Task.Delay(TimeSpan.FromMinutes(40) / Compression);
            service.SetFaults(SimulatorFaults.Parse("kick-on-connect=100000"));
            await Task.Delay(TimeSpan.FromMinutes(20) / Compression);
            await service.DisposeAsync();
            await Task.Delay(TimeSpan.FromMinutes(10) / Compression);
            service = await SimulatorServer.StartAsync(options);

            var before = Flushed(record.Output);
            await Task.WhenAll(consumers.ReceiveAfterGapAsync(), record.WaitForOutputAsync(output => Flushed(output) > before));
            (await record.InterruptAsync()).ExitCode.ShouldBe(ExitCode.Success);
            (await gateway.InterruptAsync()).ExitCode.ShouldBe(ExitCode.Success);
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    /// <summary>
    /// Programs of their own with the usual policy: no name, then sockets that are closed, then a refusal, each for several attempts.
    /// </summary>
    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task Processes_outlast_a_name_that_is_gone_closed_sockets_and_a_refusal()
    {
        OwnNames.Require();
        await using var service = await SimulatorServer.StartAsync(
            new SimulatorOptions { Port = _port.Number, Rate = 500, AllowedOrigins = [$"http://{OwnNames.Host}"] });
        using var names = new OwnNames();
        var url = $"ws://{OwnNames.Host}:{_port.Number}";
        await using var record = names.Start(Variables(url), "record", "index:0001", "--dir", _folder.Path, "--format", "json");
        await using var gateway = names.Start(
            Variables(url), "gateway", "--port", "0", "--keep", "index:1001", "--format", "json", "--insecure-no-tokens");
        var addresses = JsonDocument.Parse(await gateway.ReadLineAsync(Patience.Limit)).RootElement;
        await using var consumers = await ConsumersAsync(new Uri(addresses.GetProperty("websocket").GetString()!), 3);
        await consumers.ReceiveAsync();
        await Patience.UntilAsync(() => Flushed(record.Output) > 20);
        var status = new Uri($"{addresses.GetProperty("rest").GetString()}/v1/status");

        names.Remove();
        service.DropConnections();
        await ProblemAsync("cannot be resolved");
        service.SetFaults(SimulatorFaults.Parse("kick-on-connect=100000"));
        names.Restore();
        await ProblemAsync("closed");
        service.SetFaults(SimulatorFaults.Parse("refuse=OPSP8996"));
        await ProblemAsync("OPSP8996");
        service.SetFaults(SimulatorFaults.None);

        var before = Flushed(record.Output);
        await Task.WhenAll(consumers.ReceiveAfterGapAsync(), Patience.UntilAsync(() => Flushed(record.Output) > before));
        foreach (var process in new[] { record, gateway })
        {
            await process.SignalAsync("INT");
            (await process.WaitForExitAsync(Patience.Limit)).ShouldBe(ExitCode.Success, process.Report);
        }

        // Both say what is wrong, and since when.
        async Task ProblemAsync(string text)
        {
            using var http = new HttpClient();
            await Patience.UntilAsync(
                () => Problem(record.Output.Split('\n')[..^1][^1])?.Contains(text, StringComparison.Ordinal) == true, $"record: {text}");
            await Patience.UntilAsync(
                async () => Problem(await http.GetStringAsync(status))?.Contains(text, StringComparison.Ordinal) == true,
                $"gateway: {text}");
        }
    }

    // Each command has an app key of its own.
    private RunningCommand Start(params string[] arguments) =>
        RunningCommand.Start(s_policy, Variables($"ws://127.0.0.1:{_port.Number}"), arguments);

    private static Dictionary<string, string> Variables(string url) =>
        new(Service.VariablesFor(url), StringComparer.Ordinal) { ["KISFEED_APPKEY"] = TestCredentials.NewAppKey() };

    // The problem of the first session in a status.
    private static string? Problem(string json)
    {
        var root = JsonDocument.Parse(json).RootElement;
        var sessions = root.TryGetProperty("sessions", out var own) ? own : root.GetProperty("upstream");
        if (!sessions[0].TryGetProperty("problem", out var problem) || problem.ValueKind == JsonValueKind.Null)
            return null;
        sessions[0].GetProperty("problemSince").GetString().ShouldNotBeNull();
        return problem.GetString();
    }

    private static long Flushed(string output) =>
        output.Split('\n')[..^1] is [.., var line] ? JsonSerializer.Deserialize<JsonElement>(line).GetProperty("flushed").GetInt64() : 0;

    private static async Task<Consumers> ConsumersAsync(Uri url, int count)
    {
        var consumers = new Consumers();
        for (var i = 0; i < count; i++)
            await consumers.AddAsync(url);
        return consumers;
    }

    // They do not reconnect: they end if the gateway drops them.
    private sealed class Consumers : IAsyncDisposable
    {
        private readonly List<(KisFeedClient Client, Subscription<IndexTrade> Stream)> _all = [];

        public async Task AddAsync(Uri url)
        {
            var client = await KisFeedClient.ConnectAsync(
                new KisFeedOptions
                {
                    AppKey = TestCredentials.NewAppKey(),
                    AppSecret = TestCredentials.AppSecret,
                    WebSocketUrl = url,
                    Reconnect = ReconnectPolicy.Never,
                });
            _all.Add((client, await client.SubscribeAsync(IndexTrade.Feed, "1001")));
        }

        public Task ReceiveAsync() => Task.WhenAll(_all.Select(consumer => UntilAsync(consumer.Stream, item => item.IsRecord)));

        public Task ReceiveAfterGapAsync() => Task.WhenAll(_all.Select(async consumer =>
        {
            await UntilAsync(consumer.Stream, item => item.Event is Gap);
            await UntilAsync(consumer.Stream, item => item.IsRecord);
        }));

        public async ValueTask DisposeAsync()
        {
            foreach (var (client, _) in _all)
                await client.DisposeAsync();
        }

        private static async Task UntilAsync(Subscription<IndexTrade> stream, Func<FeedItem<IndexTrade>, bool> condition)
        {
            using var limit = new CancellationTokenSource(Patience.Limit);
            await foreach (var item in stream.ReadItemsAsync(limit.Token))
            {
                if (condition(item))
                    return;
            }

            throw new InvalidOperationException("the stream ended");
        }
    }
}

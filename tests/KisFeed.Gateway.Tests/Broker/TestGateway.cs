using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>A gateway and its simulator, both in this process.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    public const string Index = "H0UPCNT0";

    private readonly ReservedPort _port;

    private TestGateway(ReservedPort port, SimulatorServer simulator, GatewayServer gateway, RecordingLoggerFactory log)
    {
        _port = port;
        Simulator = simulator;
        Gateway = gateway;
        Log = log;
    }

    public SimulatorServer Simulator { get; private set; }

    public GatewayServer Gateway { get; }

    /// <summary>The log of the gateway.</summary>
    public RecordingLoggerFactory Log { get; }

    public Uri Url => Gateway.WebSocketUrl;

    public static async Task<TestGateway> OpenAsync(
        SimulatorOptions? simulator = null,
        Func<GatewayOptions, GatewayOptions>? with = null,
        Func<KisFeedOptions, KisFeedOptions>? upstream = null,
        bool isDown = false)
    {
        var log = new RecordingLoggerFactory();
        var port = ReservedPort.Take();
        var server = await SimulatorServer.StartAsync((simulator ?? new SimulatorOptions { Rate = 200 }) with { Port = port.Number });
        if (isDown)
            await server.DisposeAsync();
        var service = ClientOf(server.WebSocketUrl);
        var options = new GatewayOptions
        {
            Upstream = upstream?.Invoke(service) ?? service,
            LoggerFactory = log,
            MinimumHold = TimeSpan.Zero,
            Limits = Unhurried,
        };
        return new TestGateway(port, server, await GatewayServer.StartAsync(with?.Invoke(options) ?? options), log);
    }

    /// <summary>Limits with a practically unlimited registration budget.</summary>
    public static ConsumerLimits Unhurried { get; } = ConsumerLimits.Default with
    {
        MaxPlaces = int.MaxValue,
        NewRegistrationsPerMinute = int.MaxValue,
        NewRegistrationsPerHour = int.MaxValue,
    };

    /// <summary>For clients that lose their connections far more often than those of people: they never give up.</summary>
    public static ReconnectPolicy ReconnectAtOnce { get; } = ReconnectPolicy.Default with
    {
        InitialDelay = TimeSpan.FromMilliseconds(2),
        MaxDelay = TimeSpan.FromMilliseconds(10),
        AttemptsPerMinute = int.MaxValue,
        AttemptsPerHour = int.MaxValue,
        MaxRefusedDelay = TimeSpan.FromMilliseconds(200),
        AppKeyInUseDelay = TimeSpan.FromMilliseconds(5), // The simulator may not have ended the lost session yet.
    };

    public static KisFeedOptions ClientOf(Uri url) => new()
    {
        AppKey = TestCredentials.NewAppKey(),
        AppSecret = TestCredentials.AppSecret,
        WebSocketUrl = url,
        RequestInterval = TimeSpan.Zero,
        NewRegistrationsPerMinute = int.MaxValue,
        NewRegistrationsPerHour = int.MaxValue,
        Reconnect = ReconnectPolicy.Default with
        {
            InitialDelay = TimeSpan.FromMilliseconds(100),
            AppKeyInUseDelay = TimeSpan.FromMilliseconds(20),
            MaxDelay = TimeSpan.FromSeconds(1),
            AttemptsPerMinute = 60,
        },
    };

    public Task<FeedClient> ConnectAsync() => FeedClient.ConnectAsync(Url);

    /// <summary>Completes when no consumer is connected.</summary>
    public Task WaitForDisconnectAsync() => Patience.UntilAsync(() => Gateway.Status.Totals.Connections == 0);

    /// <summary>Starts another simulator on the same port.</summary>
    public async Task RestartAsync(SimulatorOptions options)
    {
        await Simulator.DisposeAsync();
        Simulator = await SimulatorServer.StartAsync(options with { Port = _port.Number });
    }

    /// <summary>The number of log entries that contain a text.</summary>
    public int Count(string text) => Log.Entries.Count(entry => entry.Text.StartsWith(text, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Simulator.DisposeAsync();
        _port.Dispose();
        Log.Dispose();
    }
}

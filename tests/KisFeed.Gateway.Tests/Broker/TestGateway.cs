using KisFeed.Capture;
using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>A gateway and its simulator, both in this process.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    public const string Index = "H0UPCNT0";

    private readonly ReservedPort _port;
    private readonly GatewayOptions _options;
    private readonly Dictionary<AccessRefusalReason, long> _refusedBefore = [];

    private TestGateway(
        ReservedPort port, SimulatorServer simulator, GatewayServer gateway, GatewayOptions options, RecordingLoggerFactory log)
    {
        _port = port;
        _options = options;
        Simulator = simulator;
        Gateway = gateway;
        Log = log;
    }

    public SimulatorServer Simulator { get; private set; }

    public GatewayServer Gateway { get; private set; }

    public GatewayStatus Status => Gateway.Status;

    /// <summary>The log of the gateway.</summary>
    public RecordingLoggerFactory Log { get; }

    public Uri Url => Gateway.WebSocketUrl;

    public static async Task<TestGateway> OpenAsync(
        SimulatorOptions? simulator = null,
        Func<GatewayOptions, GatewayOptions>? with = null,
        Func<KisFeedOptions, KisFeedOptions>? upstream = null,
        bool isDown = false,
        TestConsumers? consumers = null)
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
            TokenFile = consumers?.TokenFile,
        };
        options = with?.Invoke(options) ?? options;
        return new TestGateway(port, server, await GatewayServer.StartAsync(options), options, log);
    }

    /// <summary>Limits with a practically unlimited registration budget.</summary>
    public static ConsumerLimits Unhurried { get; } = ConsumerLimits.Default with
    {
        MaxSlots = int.MaxValue,
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

    /// <summary>The options of a gateway that keeps some keys and records them, in small files.</summary>
    public static GatewayOptions Recording(GatewayOptions options, DirectoryInfo folder, params (string TrId, string Key)[] keys) =>
        options with
        {
            Keep = [.. keys.Select(key => new GatewayKey(KisFeeds.Catalog.Feeds.First(feed => feed.TrId == key.TrId), key.Key))],
            Recording = new CaptureRecorderOptions
            {
                Writer = new CaptureWriterOptions { Directory = folder.FullName, MaxFileBytes = 1 << 16 },
            },
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

    /// <summary>Starts another gateway, by default with the same options.</summary>
    public async Task RestartGatewayAsync(Func<GatewayOptions, GatewayOptions>? with = null)
    {
        await Gateway.DisposeAsync();
        Gateway = await GatewayServer.StartAsync(with?.Invoke(_options) ?? _options);
    }

    /// <summary>Completes when the recorder has received more frames than a number.</summary>
    public Task UntilRecordedAsync(int frames) => Patience.UntilAsync(() => Status.Recording!.Received > frames);

    /// <summary>How many requests were refused for a reason since the test began.</summary>
    public long Refused(AccessRefusalReason reason) => Gateway.Refusals.Of(reason) - _refusedBefore.GetValueOrDefault(reason);

    /// <summary>Begins another test with the same gateway.</summary>
    public void BeginTest()
    {
        foreach (var reason in Enum.GetValues<AccessRefusalReason>())
            _refusedBefore[reason] = Gateway.Refusals.Of(reason);
    }

    /// <summary>The number of log entries that begin with a text.</summary>
    public int Count(string text) => Log.Entries.Count(entry => entry.Text.StartsWith(text, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Simulator.DisposeAsync();
        _port.Dispose();
        Log.Dispose();
    }
}

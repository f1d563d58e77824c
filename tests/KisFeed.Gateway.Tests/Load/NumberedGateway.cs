using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests.Load;

/// <summary>A gateway connected to a <see cref="NumberedService"/>. All keys are kept, so that frames arrive without consumers.</summary>
internal sealed class NumberedGateway : IAsyncDisposable
{
    private const int Plenty = 1 << 28;

    private NumberedGateway(NumberedService service, GatewayServer gateway, RecordingLoggerFactory log)
    {
        Service = service;
        Gateway = gateway;
        Log = log;
    }

    public NumberedService Service { get; }

    public GatewayServer Gateway { get; }

    /// <summary>The log of the gateway.</summary>
    public RecordingLoggerFactory Log { get; }

    /// <summary>All keys as a parameter of streams.</summary>
    public static string Subscribe { get; } = string.Join(',', NumberedService.Keys.Select(key => $"{key.TrId}:{key.Key}"));

    public static async Task<NumberedGateway> OpenAsync(NumberedService.Options service, Func<GatewayOptions, GatewayOptions>? with = null)
    {
        var log = new RecordingLoggerFactory();
        var upstream = await NumberedService.StartAsync(service);
        var client = TestGateway.ClientOf(upstream.Url);
        var options = new GatewayOptions
        {
            Upstream = client,
            Keep = [.. NumberedService.Keys.Select(key => new GatewayKey(SchemaOf(key.TrId), key.Key))],
            MaxQueueBytes = Plenty,
            StreamQueueBytes = Plenty,
            HeartbeatInterval = TimeSpan.FromHours(1),
            LoggerFactory = log,
        };
        return new NumberedGateway(upstream, await GatewayServer.StartAsync(with?.Invoke(options) ?? options), log);
    }

    /// <summary>Connects a client in the broker's protocol that registers all keys and receives every frame from then on.</summary>
    public async Task<FeedClient> ConnectAsync(string? approvalKey = null)
    {
        var client = await FeedClient.ConnectAsync(Gateway.WebSocketUrl, approvalKey);
        foreach (var (trId, key) in NumberedService.Keys)
            (await client.RegisterAsync(trId, key)).IsSuccess.ShouldBeTrue();

        // The acknowledgement precedes the data of its key; data of other keys arrive meanwhile.
        while (NumberedService.KeyOf(await client.ReceiveFrameAsync()) != NumberedService.Keys[^1].Key)
            client.Frames.Clear();
        client.Frames.Clear();
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Service.DisposeAsync();
        Log.Dispose();
    }

    private static Wire.FeedSchema SchemaOf(string trId)
    {
        Feeds.KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
        return feed!;
    }
}

using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests.Load;

/// <summary>A gateway in front of a service whose frames can be told from each other. It keeps all keys, so that frames come whoever is there.</summary>
internal sealed class NumberedStage : IAsyncDisposable
{
    private const int Plenty = 1 << 28;

    private NumberedStage(NumberedService service, GatewayServer gateway, RecordingLoggerFactory log)
    {
        Service = service;
        Gateway = gateway;
        Log = log;
    }

    public NumberedService Service { get; }

    public GatewayServer Gateway { get; }

    /// <summary>What the gateway logs.</summary>
    public RecordingLoggerFactory Log { get; }

    /// <summary>All keys, as streams are asked for them.</summary>
    public static string Subscribe { get; } = string.Join(',', NumberedService.Keys.Select(key => $"{key.TrId}:{key.Key}"));

    public static async Task<NumberedStage> OpenAsync(NumberedService.Options service, Func<GatewayOptions, GatewayOptions>? with = null)
    {
        var log = new RecordingLoggerFactory();
        var upstream = await NumberedService.StartAsync(service);
        var client = Stage.ClientOf(upstream.Url);
        var options = new GatewayOptions
        {
            Upstream = client,
            Keep = [.. NumberedService.Keys.Select(key => new GatewayKey(SchemaOf(key.TrId), key.Key))],
            MaxQueueBytes = Plenty,
            StreamQueueBytes = Plenty,
            HeartbeatInterval = TimeSpan.FromHours(1),
            LoggerFactory = log,
        };
        return new NumberedStage(upstream, await GatewayServer.StartAsync(with?.Invoke(options) ?? options), log);
    }

    /// <summary>A client in the broker's protocol that is registered for all keys: every frame from now on comes to it.</summary>
    public async Task<FeedClient> ConnectAsync(string? approvalKey = null)
    {
        var client = await FeedClient.ConnectAsync(Gateway.WebSocketUrl, approvalKey);
        foreach (var (trId, key) in NumberedService.Keys)
            (await client.RegisterAsync(trId, key)).IsSuccess.ShouldBeTrue();

        // The acknowledgement goes ahead of the data, and those of other keys come meanwhile.
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

namespace KisFeed.Cli.Diagnosis;

/// <summary>The state that checks share: each check uses the results of earlier ones.</summary>
internal sealed class DoctorContext(CommandHost host) : IAsyncDisposable
{
    public CommandHost Host => host;

    /// <summary>The timeout of the first frame.</summary>
    public required TimeSpan Wait { get; init; }

    /// <summary>The options, with one app key and no reconnect.</summary>
    public KisFeedOptions Options { get; set; } = new();

    /// <summary>The target to subscribe to; <see langword="null"/> if there is none.</summary>
    public WatchTarget? Target { get; set; }

    public KisFeedClient? Client { get; set; }

    public FrameSubscription? Subscription { get; set; }

    public HeartbeatCounter Heartbeats { get; } = new();

    public FrameItem? First { get; set; }

    public FrameReading? Reading { get; set; }

    public async ValueTask DisposeAsync()
    {
        if (Client is not null)
            await Client.DisposeAsync();
        Heartbeats.Dispose();
    }
}

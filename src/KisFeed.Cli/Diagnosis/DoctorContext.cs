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

    /// <summary>The client, once it is connected.</summary>
    public KisFeedClient? Client { get; set; }

    /// <summary>The subscription, once it is acknowledged.</summary>
    public FrameSubscription? Subscription { get; set; }

    /// <summary>The heartbeats of the connection.</summary>
    public HeartbeatCounter Heartbeats { get; } = new();

    /// <summary>The first frame received, readable or not.</summary>
    public FrameItem? First { get; set; }

    /// <summary>The content of the first frame.</summary>
    public FrameReading? Reading { get; set; }

    /// <summary>Closes the connection, if there is one.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Client is not null)
            await Client.DisposeAsync();
        Heartbeats.Dispose();
    }
}

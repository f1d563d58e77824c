using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;

namespace KisFeed.Cli.Diagnosis;

/// <summary>What is known so far: each check finds in it what those before it have left.</summary>
/// <param name="host">Where it runs.</param>
internal sealed class DoctorContext(CommandHost host) : IAsyncDisposable
{
    public CommandHost Host => host;

    /// <summary>How long the first frame is waited for.</summary>
    public required TimeSpan Wait { get; init; }

    /// <summary>The options, with one app key and no second attempt.</summary>
    public KisFeedOptions Options { get; set; } = new();

    /// <summary>What is subscribed to; <see langword="null"/> where there is nothing to.</summary>
    public WatchTarget? Target { get; set; }

    /// <summary>The connection, once it stands.</summary>
    public KisFeedClient? Client { get; set; }

    /// <summary>The subscription, once it is acknowledged.</summary>
    public FrameSubscription? Subscription { get; set; }

    /// <summary>The heartbeats of the connection.</summary>
    public HeartbeatCounter Heartbeats { get; } = new();

    /// <summary>The first thing that came: a frame, or one that cannot be read.</summary>
    public FrameItem? First { get; set; }

    /// <summary>What is in the first frame.</summary>
    public FrameReading? Reading { get; set; }

    /// <summary>Says goodbye, if there is anybody to.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Client is not null)
            await Client.DisposeAsync();
        Heartbeats.Dispose();
    }
}

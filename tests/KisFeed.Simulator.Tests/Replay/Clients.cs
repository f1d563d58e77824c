namespace KisFeed.Simulator.Tests.Replay;

/// <summary>Connects clients of the library to a server of a test.</summary>
internal static class Clients
{
    public static Task<KisFeedClient> ConnectAsync(Uri webSocketUrl) => KisFeedClient.ConnectAsync(new KisFeedOptions
    {
        AppKey = TestCredentials.NewAppKey(),
        AppSecret = TestCredentials.AppSecret,
        WebSocketUrl = webSocketUrl,
        RequestInterval = TimeSpan.Zero,
        Reconnect = ReconnectPolicy.Never,
    });

    /// <summary>Adds keys to a tap one after the other.</summary>
    public static async Task AddAsync(KisFeedClient client, FrameTap tap, IEnumerable<(string TrId, string Key)> keys)
    {
        foreach (var (trId, key) in keys)
        {
            client.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
            await tap.AddAsync(feed, key).WaitAsync(Patience.Limit);
        }
    }

    /// <summary>Reads the next frames of a tap and skips events between them.</summary>
    /// <param name="tap">The tap.</param>
    /// <param name="count">The number of frames.</param>
    /// <param name="from">Frames received before it completes are skipped too.</param>
    public static async Task<List<FrameItem>> FramesAsync(FrameTap tap, int count, Task? from = null)
    {
        using var timeout = new CancellationTokenSource(Patience.Limit);
        List<FrameItem> frames = [];
        await foreach (var item in tap.ReadAllAsync(timeout.Token))
        {
            item.Event.ShouldNotBeOfType<MalformedFrame>();
            item.Event.ShouldNotBeOfType<Gap>();
            if (item.IsFrame && from?.IsCompleted != false)
                frames.Add(item);
            if (frames.Count == count)
                break;
        }

        return frames;
    }
}

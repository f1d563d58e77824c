using KisFeed.Benchmarks.Sockets;

namespace KisFeed.Benchmarks.Capture;

/// <summary>The baseline of recording: a client with a tap that discards its frames.</summary>
internal sealed class TapReader : IFeedReader
{
    private readonly KisFeedClient _client;
    private readonly FrameTap _tap;
    private readonly Task _reading;

    private TapReader(KisFeedClient client, FrameTap tap)
    {
        _client = client;
        _tap = tap;
        _reading = Task.Run(ReadAsync);
    }

    public static async Task<TapReader> StartAsync(Uri url, IReadOnlyList<string> registrations, CancellationToken cancellationToken)
    {
        var client = await Credentials.ConnectAsync(url, cancellationToken);
        var reader = new TapReader(client, client.OpenTap());
        foreach (var (feed, key) in Credentials.Of(client, registrations))
            await reader._tap.AddAsync(feed, key, cancellationToken);
        return reader;
    }

    public Reading Read() => new(_tap.Received - _tap.Dropped - _tap.QueueDepth, null, _tap.Dropped);

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _reading;
    }

    private async Task ReadAsync()
    {
        while (await _tap.WaitToReadAsync())
        {
            while (_tap.TryRead(out _))
            {
            }
        }
    }
}

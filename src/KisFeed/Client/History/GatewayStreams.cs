using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Client.History;

/// <summary>The streams from history of one client, each with a connection of its own. Thread-safe.</summary>
/// <param name="options">The options of the client.</param>
/// <param name="totalsOf">The totals of a feed.</param>
/// <param name="logger">Where to log.</param>
internal sealed class GatewayStreams(KisFeedOptions options, Func<FeedSchema, FeedTotals> totalsOf, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<GatewayStream> _streams = [];
    private bool _isDisposed;

    /// <summary>Opens a stream. Returns once the gateway has confirmed the key.</summary>
    /// <exception cref="HistoryNotAvailableException">The service has no recorded data.</exception>
    /// <exception cref="SubscribeRefusedException">The gateway or its upstream service refused the key.</exception>
    /// <exception cref="ConnectionLostException">The gateway cannot be reached, and no further attempt is made.</exception>
    public async Task<(ISubscriptionSource Source, FrameQueue Queue)> OpenAsync(
        FeedSchema feed, string key, HistoryStart from, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (options.WebSocketUrl is not { } url || KisEndpoints.IsBroker(url))
        {
            throw new HistoryNotAvailableException(
                $"{feed.TrId} cannot begin at {from}: the broker has no recorded data. {GatewayStream.Advice}");
        }
        var wakeups = new PendingWakeups();
        var queue = FrameQueue.WithBackpressure(options.QueueCapacity, options.MaxQueueBytes, totalsOf(feed), wakeups);
        var stream = new GatewayStream(options, feed, key, from, queue, wakeups, logger) { Ended = Remove };
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _streams.Add(stream);
        }

        stream.Start();
        try
        {
            await stream.Started.WaitAsync(cancellationToken).ConfigureAwait(false);
            return (stream, queue);
        }
        catch
        {
            await stream.EndAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        GatewayStream[] streams;
        lock (_gate)
        {
            _isDisposed = true;
            streams = [.. _streams];
        }

        await Task.WhenAll(streams.Select(stream => stream.EndAsync(CancellationToken.None))).ConfigureAwait(false);
    }

    private void Remove(GatewayStream stream)
    {
        lock (_gate)
            _streams.Remove(stream);
    }
}

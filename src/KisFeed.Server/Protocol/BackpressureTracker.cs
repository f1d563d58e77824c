using Microsoft.Extensions.Logging;

namespace KisFeed.Server.Protocol;

/// <summary>
/// Tracks connections whose queues are full, so that their sender can wait for room. Cuts the connections that have no room
/// after a time limit. Not thread-safe.
/// </summary>
internal sealed class BackpressureTracker(TimeSpan limit, TimeProvider timeProvider, ILogger logger)
{
    private readonly List<IClientConnection> _full = [];

    public bool Any => _full.Count > 0;

    public void Track(IClientConnection connection)
    {
        if (connection.IsFull)
            _full.Add(connection);
    }

    /// <summary>Waits until every tracked connection has room, and cuts those that have none within the limit.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_full.Select(connection => connection.WaitForRoomAsync()))
                .WaitAsync(limit, timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            foreach (var connection in _full.Where(connection => connection.IsFull))
            {
                ServerLog.SlowClientCut(logger, connection.Id, limit);
                connection.Cut();
            }

            // The continuation runs on the timer's thread. Yield, because a loop that never waits would never return that thread.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }

        _full.Clear();
    }
}

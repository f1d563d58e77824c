using Microsoft.Extensions.Logging;

namespace KisFeed.Server;

/// <summary>
/// The connections for which whoever sends on them waits, since their clients do not keep up, and an end to the waiting. Not for several
/// threads at once.
/// </summary>
/// <param name="limit">How long is waited before those that are still full are cut.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where to log.</param>
internal sealed class BackpressureTracker(TimeSpan limit, TimeProvider timeProvider, ILogger logger)
{
    private readonly List<IClientConnection> _full = [];

    /// <summary>Whether there is somebody to wait for.</summary>
    public bool Any => _full.Count > 0;

    /// <summary>Remembers a connection if it is full.</summary>
    public void Note(IClientConnection connection)
    {
        if (connection.IsFull)
            _full.Add(connection);
    }

    /// <summary>Waits until all of them have room, and cuts those that do not get it in time.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_full.Select(connection => connection.WaitForRoomAsync())).WaitAsync(limit, timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            foreach (var connection in _full.Where(connection => connection.IsFull))
            {
                ServerLog.SlowClientCut(logger, connection.Id, limit);
                connection.Cut();
            }

            // The clock's thread has brought this about, and a loop without a pause would never give it back.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }

        _full.Clear();
    }
}

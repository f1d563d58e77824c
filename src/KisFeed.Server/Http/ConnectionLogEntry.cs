using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Server;

/// <summary>
/// Logs what becomes of one WebSocket connection: that its session began and ended, each on a line; of one whose session never began one line at most, and only while there are few of those,
/// since everybody who reaches the port can make them.
/// </summary>
/// <param name="id">The number of the connection.</param>
/// <param name="remote">Where it comes from.</param>
/// <param name="logger">Where to log.</param>
/// <param name="strangers">Which lines of connections without a session are logged.</param>
internal sealed class ConnectionLogEntry(long id, string remote, ILogger logger, LogSampler strangers)
{
    private bool _hasBegun;
    private bool _isLogged;

    public long Id => id;

    /// <summary>Its session has begun.</summary>
    public void Begin()
    {
        _hasBegun = true;
        ServerLog.SessionOpened(logger, id, remote);
    }

    /// <summary>A request of it was refused before its session began.</summary>
    public void Refuse(BrokerCode code)
    {
        if (TryLogStranger())
            ServerLog.StrangerRefused(logger, id, remote, code, Refusal.TextOf(code));
    }

    /// <summary>It has ended.</summary>
    public void End()
    {
        if (_hasBegun)
            ServerLog.SessionEnded(logger, id);
        else if (TryLogStranger())
            ServerLog.StrangerEnded(logger, id, remote);
    }

    private bool TryLogStranger()
    {
        if (_isLogged)
            return false;
        _isLogged = true;
        if (!strangers.TryPass(out var skipped))
            return false;
        if (skipped > 0)
            ServerLog.MoreStrangers(logger, skipped);
        return true;
    }
}

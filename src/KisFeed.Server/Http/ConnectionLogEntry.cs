using KisFeed.Server.Protocol;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Server.Http;

/// <summary>
/// Logs the start and the end of one connection's session. A connection whose session never begins gets one line at most, and those lines
/// are limited, because anyone who reaches the port can cause them.
/// </summary>
internal sealed class ConnectionLogEntry(long id, string remote, ILogger logger, LogSampler unauthenticated)
{
    private bool _hasBegun;
    private bool _isLogged;

    public long Id => id;

    /// <summary>Logs that the session has begun.</summary>
    public void Begin()
    {
        _hasBegun = true;
        ServerLog.SessionOpened(logger, id, remote);
    }

    public void Refuse(BrokerCode code)
    {
        if (TryLogUnauthenticated())
            ServerLog.UnauthenticatedRefused(logger, id, remote, code, Refusal.TextOf(code));
    }

    public void End()
    {
        if (_hasBegun)
            ServerLog.SessionEnded(logger, id);
        else if (TryLogUnauthenticated())
            ServerLog.UnauthenticatedEnded(logger, id, remote);
    }

    private bool TryLogUnauthenticated()
    {
        if (_isLogged)
            return false;
        _isLogged = true;
        if (!unauthenticated.TrySample(out var skipped))
            return false;
        if (skipped > 0)
            ServerLog.MoreUnauthenticated(logger, skipped);
        return true;
    }
}

using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using KisFeed.Wire.Control;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.Server.Http;

/// <summary>
/// The WebSocket endpoint at <c>/</c>, <c>/tryitout</c> and <c>/tryitout/{anything}</c>. Every connection serves every feed, whatever its path.
/// </summary>
/// <param name="policy">Decides what each connection is served.</param>
/// <param name="connections">The set of open connections.</param>
/// <param name="counters">Counts the connections.</param>
/// <param name="logger">The logger.</param>
/// <param name="limits">The limits of each connection. Default: <see cref="ConnectionLimits.Default"/>.</param>
internal sealed class WebSocketEndpoint(
    IConnectionPolicy policy, ConnectionSet connections, ServerCounters counters, ILogger logger, ConnectionLimits? limits = null)
{
    private readonly LogSampler _floods = new(TimeProvider.System);
    private readonly LogSampler _unauthenticated = new(TimeProvider.System);
    private long _lastId;

    /// <summary>The open connections.</summary>
    public ConnectionSet Connections => connections;

    /// <summary>The counters of the sessions.</summary>
    public ServerCounters Counters => counters;

    public async Task HandleAsync(HttpContext context)
    {
        if (!policy.TryAdmit(context, out var service, out var refusal))
        {
            await refusal.WriteAsync(context).ConfigureAwait(false);
            return;
        }

        if (await WebSocketHandshake.TryUpgradeAsync(context).ConfigureAwait(false) is not { } stream)
            return;
        if (limits?.DetectsDeadPeers == true)
            DeadPeerDetection.Enable(context);
        counters.ConnectionAccepted();
        var entry = new ConnectionLogEntry(Interlocked.Increment(ref _lastId), RemoteOf(context), logger, _unauthenticated);
        var connection = new WebSocketConnection(entry.Id, stream, context.Abort, logger, limits)
        {
            LogEntry = entry,
            AcceptsServerEvents = int.TryParse(context.Request.Query[ServerEvent.Parameter], NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version >= ServerEvent.Version,
            Flooded = OnFlooded,
        };
        if (service(connection) is not { } served)
        {
            connection.Close(WebSocketCloseStatus.NormalClosure, "");
            await connection.RunAsync(new RejectedSession()).ConfigureAwait(false);
            return;
        }

        if (!connections.TryAdd(served))
        {
            await served.DiscardAsync().ConfigureAwait(false);
            return;
        }

        try
        {
            await served.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            connections.Remove(served);
            entry.End();
        }
    }

    private void OnFlooded(long connection, string reason)
    {
        if (_floods.TrySample(out var skipped))
            ServerLog.Flooded(logger, connection, reason, skipped);
    }

    private static string RemoteOf(HttpContext context) => context.Connection.RemoteIpAddress is { } address
        ? new IPEndPoint(address, context.Connection.RemotePort).ToString()
        : context.Connection.RemotePort.ToString(CultureInfo.InvariantCulture);
}

/// <summary>
/// Logs the start and the end of one connection's session. A connection whose session never begins gets one line at most, and those lines are limited,
/// because anyone who reaches the port can cause them.
/// </summary>
/// <param name="id">The number of the connection.</param>
/// <param name="remote">The remote address.</param>
/// <param name="logger">The logger.</param>
/// <param name="unauthenticated">Limits the log lines of connections without a session.</param>
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

    /// <summary>Logs a refusal before the session began.</summary>
    public void Refuse(BrokerCode code)
    {
        if (TryLogUnauthenticated())
            ServerLog.UnauthenticatedRefused(logger, id, remote, code, Refusal.TextOf(code));
    }

    /// <summary>Logs the end of the connection.</summary>
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

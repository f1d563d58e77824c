using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.Server;

/// <summary>Serves the protocol at <c>/</c>, <c>/tryitout</c> and <c>/tryitout/{anything}</c>: every connection carries every feed, whatever its path.</summary>
/// <param name="policy">What those who connect are served.</param>
/// <param name="connections">Where connections are found while they are open.</param>
/// <param name="counters">Counts them.</param>
/// <param name="logger">Where to log.</param>
/// <param name="limits">What each of them may use; the usual where it is not given.</param>
internal sealed class WebSocketEndpoint(
    IConnectionPolicy policy, ConnectionSet connections, ServerCounters counters, ILogger logger, ConnectionLimits? limits = null)
{
    private readonly LogSampler _floods = new(TimeProvider.System);
    private readonly LogSampler _strangers = new(TimeProvider.System);
    private long _lastId;

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
        var entry = new ConnectionLogEntry(Interlocked.Increment(ref _lastId), RemoteOf(context), logger, _strangers);
        var connection = new WebSocketConnection(entry.Id, stream, context.Abort, logger, limits)
        {
            LogEntry = entry,
            TakesServerEvents = int.TryParse(context.Request.Query[ServerEvent.Parameter], NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version >= ServerEvent.Version,
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
        if (_floods.TryPass(out var skipped))
            ServerLog.Flooded(logger, connection, reason, skipped);
    }

    private static string RemoteOf(HttpContext context) => context.Connection.RemoteIpAddress is { } address
        ? new IPEndPoint(address, context.Connection.RemotePort).ToString()
        : context.Connection.RemotePort.ToString(CultureInfo.InvariantCulture);
}

using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using KisFeed.Server.Protocol;
using KisFeed.Wire.Control;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Server.Http;

/// <summary>
/// The WebSocket endpoint at <c>/</c>, <c>/tryitout</c> and <c>/tryitout/{anything}</c>. Every connection serves every feed, whatever its
/// path. Before each of them the path may name a revision: <c>/revision/2024/tryitout</c>.
/// </summary>
internal sealed class WebSocketEndpoint(
    SessionOptions options, IConnectionPolicy policy, ConnectionSet connections, ConnectionLimits limits)
{
    /// <summary>The name of the part of the path that names a revision.</summary>
    public const string RevisionParameter = "revision";

    private const int MaxRevisions = 100;

    private readonly ConcurrentDictionary<string, LayoutRevision> _revisions = new(StringComparer.Ordinal);
    private readonly LogSampler _floods = new(TimeProvider.System);
    private readonly LogSampler _unauthenticated = new(TimeProvider.System);
    private long _lastId;

    /// <summary>
    /// The revision of clients whose address names none; <see langword="null"/> to send records as they are. Default: none.
    /// </summary>
    public LayoutRevision? Revision { get; init; }

    public ConnectionSet Connections => connections;

    public ServerCounters Counters => options.Counters;

    public async Task HandleAsync(HttpContext context)
    {
        if (!TryReadRevision(context, out var revision, out var refusal) || !policy.TryAdmit(context, out var service, out refusal))
        {
            await refusal.WriteAsync(context).ConfigureAwait(false);
            return;
        }

        if (await WebSocketHandshake.TryUpgradeAsync(context).ConfigureAwait(false) is not { } stream)
            return;
        if (limits.DetectsDeadPeers)
            DeadPeerDetection.Enable(context);
        options.Counters.Connections.Add();
        var entry = new ConnectionLogEntry(Interlocked.Increment(ref _lastId), RemoteOf(context), options.Logger, _unauthenticated);
        var connection = new WebSocketConnection(entry.Id, stream, context.Abort, options.Logger, limits)
        {
            LogEntry = entry,
            AcceptsServerEvents =
                int.TryParse(context.Request.Query[ServerEvent.Parameter], NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                && version >= ServerEvent.Version,
            Flooded = OnFlooded,
            Revision = revision,
        };
        if (service(connection) is not { } session)
        {
            connection.Close(WebSocketCloseStatus.NormalClosure, "");
            await connection.RunAsync(new RejectedSession()).ConfigureAwait(false);
            return;
        }

        if (!connections.TryAdd(connection))
        {
            await session.DisposeAsync().ConfigureAwait(false);
            return;
        }

        try
        {
            await connection.RunAsync(session).ConfigureAwait(false);
        }
        finally
        {
            connections.Remove(connection);
            entry.End();
        }
    }

    private bool TryReadRevision(HttpContext context, out LayoutRevision? read, [NotNullWhen(false)] out RequestRefusal? refusal)
    {
        (read, refusal) = (Revision, null);
        if (context.Request.RouteValues[RevisionParameter] is not string text)
            return true;
        if (text == Revision?.Name || _revisions.TryGetValue(text, out read))
            return true;
        if (!LayoutRevision.TryParse(text, options.Catalog, out read, out var problem))
        {
            refusal = new RequestRefusal(StatusCodes.Status400BadRequest, problem);
            return false;
        }

        // Clients with the same revision share its frames. The number of texts is limited, because anyone can send them.
        if (_revisions.Count < MaxRevisions)
            read = _revisions.GetOrAdd(text, read);
        return true;
    }

    private void OnFlooded(long connection, string reason)
    {
        if (_floods.TrySample(out var skipped))
            ServerLog.Flooded(options.Logger, connection, reason, skipped);
    }

    private static string RemoteOf(HttpContext context) => context.Connection.RemoteIpAddress is { } address
        ? new IPEndPoint(address, context.Connection.RemotePort).ToString()
        : context.Connection.RemotePort.ToString(CultureInfo.InvariantCulture);
}

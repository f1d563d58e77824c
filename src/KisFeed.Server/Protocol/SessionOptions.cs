using System.Net.WebSockets;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Server;

/// <summary>What the sessions of one server share: what is allowed, where the data come from, and who may have one. By default a server is as lenient as it can be.</summary>
internal sealed record SessionOptions
{
    public required FeedCatalog Catalog { get; init; }

    public required IFeedSource Source { get; init; }

    public required ICredentialRules Credentials { get; init; }

    public required ApprovalKeys ApprovalKeys { get; init; }

    public required ISessionGate Gate { get; init; }

    public required ServerCounters Counters { get; init; }

    public required int MaxRegistrations { get; init; }

    /// <summary>The time between heartbeats; <see cref="Timeout.InfiniteTimeSpan"/> for none.</summary>
    public required TimeSpan HeartbeatInterval { get; init; }

    /// <summary>How long a client has to answer a heartbeat before it is closed. Default <see cref="Timeout.InfiniteTimeSpan"/>: it need not answer.</summary>
    public TimeSpan HeartbeatTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Whether a pong frame that answers no heartbeat is ignored rather than a reason to cut the connection. Default yes.</summary>
    public bool AllowUnsolicitedPongs { get; init; } = true;

    /// <summary>Whether <c>tr_type</c> and <c>tr_key</c> may be JSON numbers. Default yes.</summary>
    public bool AllowNumbers { get; init; } = true;

    /// <summary>The status with which a connection is closed whose app key is in use; <see langword="null"/> to end it without a close frame. Default 1008: clients take 1000 for a success and reconnect at once.</summary>
    public WebSocketCloseStatus? AppKeyInUseStatus { get; init; } = WebSocketCloseStatus.PolicyViolation;

    public required TimeProvider TimeProvider { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>What such a close frame says, unless its status is 1000.</summary>
    public string AppKeyInUseReason { get; init; } = "the app key is in use";

    /// <summary>Ends a connection whose session was refused because its app key is in use, once everything queued has been sent.</summary>
    public void EndRefused(IClientConnection connection)
    {
        if (AppKeyInUseStatus is not { } status)
            connection.Break();
        else
            connection.Close(status, status == WebSocketCloseStatus.NormalClosure ? "" : AppKeyInUseReason);
    }
}

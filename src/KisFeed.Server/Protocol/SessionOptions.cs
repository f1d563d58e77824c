using System.Net.WebSockets;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Server.Protocol;

/// <summary>Settings and services shared by the sessions and REST endpoints of one server. The defaults are as lenient as the protocol allows.</summary>
internal sealed record SessionOptions
{
    public required FeedCatalog Catalog { get; init; }

    public required ICredentialRules Credentials { get; init; }

    public required ApprovalKeys ApprovalKeys { get; init; }

    public required ServerCounters Counters { get; init; }

    public required int MaxRegistrations { get; init; }

    /// <summary>The time between heartbeats. <see cref="Timeout.InfiniteTimeSpan"/> disables them.</summary>
    public required TimeSpan HeartbeatInterval { get; init; }

    /// <summary>
    /// How long a client has to answer a heartbeat before it is closed. Default:
    /// <see cref="Timeout.InfiniteTimeSpan"/>, it need not answer.
    /// </summary>
    public TimeSpan HeartbeatTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Whether a pong frame that answers no heartbeat is ignored; otherwise the connection is cut. Default: yes.</summary>
    public bool AllowUnsolicitedPongs { get; init; } = true;

    /// <summary>Whether <c>tr_type</c> and <c>tr_key</c> may be JSON numbers. Default: yes.</summary>
    public bool AllowNumbers { get; init; } = true;

    /// <summary>
    /// Whether each registration has an AES key and IV of its own. Default: no, all registrations of a session have the same.
    /// </summary>
    public bool UsesKeyPerRegistration { get; init; }

    /// <summary>
    /// The close status of a connection whose app key is in use; <see langword="null"/> ends it without a close frame. Default: 1008,
    /// because clients treat 1000 as success and reconnect immediately.
    /// </summary>
    public WebSocketCloseStatus? AppKeyInUseStatus { get; init; } = WebSocketCloseStatus.PolicyViolation;

    public required TimeProvider TimeProvider { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>The reason in that close frame, unless its status is 1000.</summary>
    public string AppKeyInUseReason { get; init; } = "the app key is in use";

    /// <summary>Ends a connection whose app key is in use, after all queued messages have been sent.</summary>
    public void CloseRejected(IClientConnection connection)
    {
        if (AppKeyInUseStatus is not { } status)
            connection.Break();
        else
            connection.Close(status, status == WebSocketCloseStatus.NormalClosure ? "" : AppKeyInUseReason);
    }
}

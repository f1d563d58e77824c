using System.Net.WebSockets;
using KisFeed.Wire;

namespace KisFeed.Server.Protocol;

/// <summary>
/// A session's view of a connection to a client. Thread-safe. Messages are queued; a producer that sends on its own initiative keeps the
/// queue bounded by waiting for room.
/// </summary>
internal interface IClientConnection
{
    /// <summary>A number for the log.</summary>
    long Id { get; }

    /// <summary>Data frames queued since the connection began.</summary>
    long FramesSent { get; }

    /// <summary>Whether the queue is full: the client does not keep up.</summary>
    bool IsFull { get; }

    /// <summary>Bytes that are queued and not written yet; 0 if the connection does not report them.</summary>
    long WaitingBytes => 0;

    /// <summary>Whether nothing is sent any more although the connection is open.</summary>
    bool IsSilent { get; }

    /// <summary>Whether the connection ended with a closing handshake rather than being lost.</summary>
    bool HasClosed { get; }

    /// <summary>
    /// Whether the client waits for the server: one of its messages is being handled, or reading is paused because too many messages are
    /// queued. Its heartbeat answer may be among the unread ones.
    /// </summary>
    bool IsBehind => false;

    /// <summary>
    /// Whether the client asked for messages that are not part of the broker's protocol (<see cref="Wire.Control.ServerEvent"/>).
    /// </summary>
    bool AcceptsServerEvents => false;

    /// <summary>The form of the client's records; <see langword="null"/> to send them as they are.</summary>
    LayoutRevision? Revision => null;

    /// <summary>Called when the session begins: its client sent a valid approval key.</summary>
    void OnBegun()
    {
        // Overridden by connections that log it.
    }

    /// <summary>Called when a request is refused before the session has begun.</summary>
    void OnRefused(BrokerCode code)
    {
        // Overridden by connections that log it.
    }

    /// <summary>Queues a text message. Returns <see langword="false"/> if the connection is closing or silent.</summary>
    bool Send(MessageKind kind, ReadOnlySpan<byte> text);

    /// <summary>
    /// Queues data frames that other clients get too. Returns <see langword="false"/> if the connection is closing or silent.
    /// </summary>
    bool Send(in SharedFrames frames)
    {
        var isSent = true;
        foreach (var text in frames.Texts())
            isSent &= Send(MessageKind.Data, text.Span);
        return isSent;
    }

    /// <summary>Completes when the queue has room or the connection ends.</summary>
    Task WaitForRoomAsync();

    /// <summary>
    /// Sends a close frame after the queued messages. Ends the connection when the client has answered or one second has passed.
    /// </summary>
    /// <returns>Whether this call started the closing. Otherwise it has no effect: the connection is closing already or silent.</returns>
    bool Close(WebSocketCloseStatus status, string reason);

    /// <summary>
    /// Sends a close frame after the queued messages, and ends the connection when it is written, or after one second:
    /// for a client that no longer answers.
    /// </summary>
    void CloseAtOnce(WebSocketCloseStatus status, string reason) => Close(status, reason);

    /// <summary>Ends the connection without a close frame when all queued messages have been sent, or after ten seconds.</summary>
    void Break();

    /// <summary>Ends the connection immediately, without a close frame.</summary>
    void Cut();
}

internal enum MessageKind
{
    Data,

    /// <summary>The response to a granted request.</summary>
    Acknowledgement,

    /// <summary>The response to a refused request.</summary>
    Refusal,

    /// <summary>A heartbeat.</summary>
    Heartbeat,

    /// <summary>A message that is not part of the broker's protocol.</summary>
    ServerEvent,
}

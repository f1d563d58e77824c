using System.Buffers;
using System.Net.WebSockets;
using KisFeed.Wire;

namespace KisFeed.Server;

/// <summary>
/// A connection to a client as a session sees it. For any thread. What is sent is queued, within bounds that whoever produces without being
/// asked keeps by waiting for room.
/// </summary>
internal interface IClientConnection
{
    /// <summary>A number for the log.</summary>
    long Id { get; }

    /// <summary>Data frames queued since the connection began.</summary>
    long FramesSent { get; }

    /// <summary>Whether more is queued than a client that keeps up would leave.</summary>
    bool IsFull { get; }

    /// <summary>Bytes that are queued and have not gone out; none where that is not told.</summary>
    long WaitingBytes => 0;

    /// <summary>Whether nothing is sent any more although the connection stands: nobody there can answer.</summary>
    bool IsSilent { get; }

    /// <summary>Whether the connection ends with close frames rather than by a loss.</summary>
    bool HasClosed { get; }

    /// <summary>
    /// Whether the client waits for this side rather than the other way round: a message of it is being handled, or what it has sent is not read yet because too much waits for that. What it would answer may lie unread.
    /// </summary>
    bool IsBehind => false;

    /// <summary>Whether the client asked for messages that the broker's protocol does not have (<see cref="Wire.ServerEvent"/>).</summary>
    bool TakesServerEvents => false;

    /// <summary>The session has begun: its client has named a good approval key.</summary>
    void OnBegun()
    {
        // For those who log it.
    }

    /// <summary>A request was refused before the session had begun.</summary>
    void OnRefused(BrokerCode code)
    {
        // For those who log it.
    }

    /// <summary>Queues a message that the broker's protocol does not have, if the client asked for such messages.</summary>
    void Send(ServerEvent happened)
    {
        if (!TakesServerEvents)
            return;
        var message = new ArrayBufferWriter<byte>();
        happened.Write(message);
        _ = Send(MessageKind.ServerEvent, message.WrittenSpan);
    }

    /// <summary>Queues a text message; <see langword="false"/> where it is not, because the connection is closing or silent.</summary>
    bool Send(MessageKind kind, ReadOnlySpan<byte> text);

    /// <summary>Queues data frames that others get too; <see langword="false"/> where they are not, because the connection is closing or silent.</summary>
    bool Send(in SharedFrames frames)
    {
        var isSent = true;
        foreach (var text in frames.Texts())
            isSent &= Send(MessageKind.Data, text.Span);
        return isSent;
    }

    /// <summary>Completes when the queue has room, or when the connection ends.</summary>
    Task WaitForRoomAsync();

    /// <summary>Sends a close frame after what is queued, and ends the connection when the client has answered or a second has passed.</summary>
    /// <returns>Whether this has begun the closing; <see langword="false"/>, and without effect, where it had begun or the connection is silent.</returns>
    bool Close(WebSocketCloseStatus status, string reason);

    /// <summary>Ends the connection without a close frame once everything queued has been sent, or after ten seconds.</summary>
    void Break();

    /// <summary>Ends the connection now, without a close frame.</summary>
    void Cut();
}

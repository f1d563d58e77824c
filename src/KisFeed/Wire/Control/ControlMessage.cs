using System.Text.Json;

namespace KisFeed.Wire.Control;

/// <summary>A JSON message of the server: a <see cref="Heartbeat"/>, a <see cref="BrokerReply"/> or a <see cref="ServerEvent"/>.</summary>
internal abstract record ControlMessage
{
    private protected ControlMessage()
    {
    }

    /// <summary>
    /// Reads a control message. Unknown members are skipped; the literal text <c>(null)</c> is an absent value.
    /// </summary>
    /// <returns><see langword="null"/> if the text is not JSON of the expected form. Does not throw.</returns>
    public static ControlMessage? TryParse(ReadOnlySpan<byte> utf8, out FrameError error)
    {
        if (ServerEvent.Begins(utf8))
        {
            var serverEvent = ServerEvent.TryRead(utf8);
            error = serverEvent is null ? new FrameError(FrameErrorKind.InvalidControlMessage, 0) : default;
            return serverEvent;
        }

        var content = new ControlMessageContent();
        var reader = new Utf8JsonReader(utf8.TrimEnd((byte)0));
        try
        {
            content.Read(ref reader);
            error = default;
            if (content.IsHeartbeat)
            {
                content.Dispose();
                return new Heartbeat(content.DateTime);
            }

            if (content.ResultCode is { } resultCode)
                return content.ToReply(resultCode);
        }
        catch (JsonException)
        {
            // Reported below; the exception's message contains nothing but the position.
        }
        catch (InvalidOperationException)
        {
            // The text is not valid UTF-8.
        }

        content.Dispose();
        error = new FrameError(FrameErrorKind.InvalidControlMessage, (int)reader.BytesConsumed);
        return null;
    }
}

/// <summary>The server's <c>PINGPONG</c>. Clients answer with the same text.</summary>
/// <param name="DateTime">The server's time as sent, <c>yyyyMMddHHmmss</c> in Korea time, if it sent one.</param>
internal sealed record Heartbeat(string? DateTime) : ControlMessage;

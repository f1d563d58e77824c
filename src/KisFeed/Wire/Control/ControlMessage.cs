using System.Text.Json;

namespace KisFeed.Wire;

/// <summary>A JSON message of the server: a <see cref="Heartbeat"/>, a <see cref="BrokerReply"/> or a <see cref="ServerEvent"/>.</summary>
public abstract record ControlMessage
{
    private protected ControlMessage()
    {
    }

    /// <summary>
    /// Reads a control message. Members that are not known are passed over; the literal text <c>(null)</c> is an absent value.
    /// </summary>
    /// <returns><see langword="null"/> where the text is not JSON of the expected form; nothing throws.</returns>
    public static ControlMessage? TryParse(ReadOnlySpan<byte> utf8, out FrameError error)
    {
        if (ServerEvent.Begins(utf8))
        {
            var happened = ServerEvent.TryRead(utf8);
            error = happened is null ? new FrameError(FrameErrorKind.InvalidControlMessage, 0) : default;
            return happened;
        }

        var content = new ControlMessageContent();
        var reader = new Utf8JsonReader(utf8);
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
            // Reported below: the message holds nothing that the position does not say.
        }
        catch (InvalidOperationException)
        {
            // A text that is not valid UTF-8.
        }

        content.Dispose();
        error = new FrameError(FrameErrorKind.InvalidControlMessage, (int)reader.BytesConsumed);
        return null;
    }
}

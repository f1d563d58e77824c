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

/// <summary>The server's response to a registration or a release, or a refusal that names neither.</summary>
internal sealed record BrokerReply : ControlMessage
{
    /// <summary>The TR ID of the request; <see langword="null"/> if the server sends <c>(null)</c>, as it does in some refusals.</summary>
    public string? TrId { get; init; }

    /// <summary>The key of the request; <see langword="null"/> if the server sends none.</summary>
    public string? TrKey { get; init; }

    /// <summary>The result (<c>rt_cd</c>): 0 for success, 1 or 9 for a refusal.</summary>
    public required string ResultCode { get; init; }

    /// <summary>The code (<c>msg_cd</c>).</summary>
    public required BrokerCode Code { get; init; }

    /// <summary>The text (<c>msg1</c>).</summary>
    public string Text { get; init; } = "";

    /// <summary>The key and IV for the encrypted frames of the registration, if the response contains them.</summary>
    public NoticeKey? NoticeKey { get; init; }

    /// <summary>Whether the response contained a key or IV of the wrong length.</summary>
    public bool HasInvalidNoticeKey { get; init; }

    public bool IsSuccess => ResultCode == "0";

    /// <summary>Returns the response without its key.</summary>
    public override string ToString() => $"BrokerReply {{ TrId = {TrId}, ResultCode = {ResultCode}, Code = {Code}, Text = {Text} }}";
}

/// <summary>The server's <c>PINGPONG</c>. Clients answer with the same text.</summary>
/// <param name="DateTime">The server's time as sent, <c>yyyyMMddHHmmss</c> in Korea time, if it sent one.</param>
internal sealed record Heartbeat(string? DateTime) : ControlMessage;

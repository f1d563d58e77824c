namespace KisFeed.Wire;

/// <summary>The server's answer to a registration or a release, or a refusal that belongs to none.</summary>
public sealed record BrokerReply : ControlMessage
{
    /// <summary>The TR ID of the request; <see langword="null"/> where the server sends <c>(null)</c>, as it does in some refusals.</summary>
    public string? TrId { get; init; }

    /// <summary>The key of the request; <see langword="null"/> where the server sends none.</summary>
    public string? TrKey { get; init; }

    /// <summary>The result (<c>rt_cd</c>): 0 for success, 1 or 9 for a refusal.</summary>
    public required string ResultCode { get; init; }

    /// <summary>The code (<c>msg_cd</c>).</summary>
    public required BrokerCode Code { get; init; }

    /// <summary>The text (<c>msg1</c>).</summary>
    public string Text { get; init; } = "";

    /// <summary>The key and IV for this registration's encrypted frames, where the answer carries them.</summary>
    public NoticeKey? NoticeKey { get; init; }

    /// <summary>Whether the answer carried a key or IV of the wrong length.</summary>
    public bool HasInvalidNoticeKey { get; init; }

    /// <summary>Whether the request was carried out.</summary>
    public bool IsSuccess => ResultCode == "0";

    /// <summary>The answer without its key.</summary>
    public override string ToString() => $"BrokerReply {{ TrId = {TrId}, ResultCode = {ResultCode}, Code = {Code}, Text = {Text} }}";
}

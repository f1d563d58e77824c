namespace KisFeed.Wire.Control;

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

namespace KisFeed;

/// <summary>The options of one subscription. Immutable; make changed copies with <c>with</c>.</summary>
public sealed record SubscribeOptions
{
    /// <summary>
    /// Where the subscription begins in recorded data. It needs a gateway that records, or a capture. Default:
    /// <see langword="null"/>, with new data.
    /// </summary>
    public HistoryStart? From { get; init; }
}

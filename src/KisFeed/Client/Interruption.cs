namespace KisFeed;

/// <summary>
/// From here on data may be missing: what was told before this may be out of date, until data come again. Told as soon as it is known, behind
/// everything received before; the <see cref="Gap"/> that says what was missed follows just before the next frame.
/// Told once for each gap, however often the session is lost again before a frame comes.
/// </summary>
public sealed record Interruption : FeedEvent
{
    /// <summary>When it was noticed.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What happened.</summary>
    public required GapReason Reason { get; init; }

    private protected override string Description => $"{Reason} at {TimeText(At)}";
}

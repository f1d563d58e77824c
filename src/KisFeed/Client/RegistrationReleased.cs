namespace KisFeed;

/// <summary>A <see cref="FrameTap"/> gets no more of a registration, because it was removed or because the client or the tap ended.</summary>
public sealed record RegistrationReleased : FeedEvent
{
    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    private protected override string Description => $"at {TimeText(At)}";
}

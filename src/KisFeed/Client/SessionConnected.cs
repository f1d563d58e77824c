namespace KisFeed;

/// <summary>
/// A session has a connection, or had one already when the <see cref="FrameTap"/> was opened. The registrations of the session are confirmed behind this.
/// </summary>
public sealed record SessionConnected : FeedEvent
{
    /// <summary>When it was noticed.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The name of the session: <see cref="SessionStatus.Name"/>.</summary>
    public required string Session { get; init; }

    private protected override string Description => $"session {Session} at {TimeText(At)}";
}

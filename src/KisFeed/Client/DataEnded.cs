namespace KisFeed;

/// <summary>A replayed day has ended: the server sends no more data, although the session stays connected. Only KisFeed's own servers tell.</summary>
public sealed record DataEnded : FeedEvent
{
    /// <summary>When it was noticed.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The name of the session: <see cref="SessionStatus.Name"/>.</summary>
    public required string Session { get; init; }

    private protected override string Description => $"session {Session} at {TimeText(At)}";
}

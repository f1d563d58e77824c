namespace KisFeed;

/// <summary>A session has lost its connection. Each of its registrations is told of that by an <see cref="Interruption"/> of its own.</summary>
public sealed record SessionLost : FeedEvent
{
    /// <summary>When it was noticed.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The name of the session: <see cref="SessionStatus.Name"/>.</summary>
    public required string Session { get; init; }

    /// <summary>What went wrong, in words. Holds no secret.</summary>
    public required string Problem { get; init; }

    private protected override string Description => $"session {Session} at {TimeText(At)}: {Problem}";
}

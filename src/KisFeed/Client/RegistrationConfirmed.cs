namespace KisFeed;

/// <summary>
/// The server holds a registration: its frames may follow. Told to a <see cref="FrameTap"/> when a registration is added, and again when it is restored
/// on another connection.
/// </summary>
public sealed record RegistrationConfirmed : FeedEvent
{
    /// <summary>When it was noticed.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The name of the session that has it: <see cref="SessionStatus.Name"/>.</summary>
    public required string Session { get; init; }

    private protected override string Description => $"session {Session} at {TimeText(At)}";
}

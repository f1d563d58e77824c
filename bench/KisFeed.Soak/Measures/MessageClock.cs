namespace KisFeed.Soak.Measures;

/// <summary>
/// The system's clock, which counts how often it is asked for the time of day: the client asks once for each message that arrives, and next to
/// never otherwise.
/// </summary>
internal sealed class MessageClock : TimeProvider
{
    private long _messages;

    public long Messages => Interlocked.Read(ref _messages);

    public override DateTimeOffset GetUtcNow()
    {
        Interlocked.Increment(ref _messages);
        return base.GetUtcNow();
    }
}

using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// Where what happens to one registration goes for one consumer. Called under the lock of the sessions, so it waits for nothing. What is said after
/// <see cref="Complete"/> changes nothing.
/// </summary>
internal interface IFrameReceiver
{
    /// <summary>The server holds the registration, for the first time or once more.</summary>
    void Confirm(string session, DateTimeOffset at);

    /// <summary>A frame of the registration. The bytes are valid during the call.</summary>
    void Write(ReadOnlySpan<byte> bytes, in FrameShape shape, DateTimeOffset receivedAt);

    /// <summary>A frame that cannot be read and may be of the registration.</summary>
    void Write(MalformedFrame malformed);

    /// <summary>Data may be missing between what was written last and what is written next, which is to be told at once.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="at">When it was noticed.</param>
    /// <param name="isUpstream">Whether the server told so, rather than the connection to it.</param>
    void Interrupt(GapReason reason, DateTimeOffset at, bool isUpstream = false);

    /// <summary>The server told what data are missing between what was written last and what is written next.</summary>
    void Miss(Gap gap);

    /// <summary>Data may be missing between what was written last and what is written next, which is to be told with the latter.</summary>
    void Interrupt(GapReason reason);

    /// <summary>No more comes, because the consumer or the client ends it, or because of an error.</summary>
    void Complete(Exception? error);
}

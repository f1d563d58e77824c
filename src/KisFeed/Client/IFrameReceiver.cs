using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>
/// Receives frames and events of one registration for one consumer. Called under the lock of the sessions, so implementations must not
/// wait. Calls after <see cref="Complete"/> have no effect.
/// </summary>
internal interface IFrameReceiver
{
    /// <summary>The server holds the registration, for the first time or again.</summary>
    void Confirm(string session, DateTimeOffset at);

    /// <summary>
    /// The registration gave its slot to one with a higher priority: data are missing until it is confirmed again. Repeated calls before
    /// that have no effect.
    /// </summary>
    void Evict(DateTimeOffset at);

    /// <summary>A frame of the registration. The bytes are valid only during the call.</summary>
    void Write(ReadOnlySpan<byte> bytes, in FrameShape shape, DateTimeOffset receivedAt);

    /// <summary>A frame that cannot be read and may belong to the registration.</summary>
    void Write(MalformedFrame malformed);

    /// <summary>Data may be missing between the last frame and the next one.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="at">When it was noticed, to report it immediately; otherwise it is reported together with the next frame.</param>
    /// <param name="isUpstream">Whether the server reported it, rather than the connection to it.</param>
    void Interrupt(GapReason reason, DateTimeOffset? at = null, bool isUpstream = false);

    /// <summary>The server reported which data are missing between the last frame and the next one.</summary>
    void AddUpstreamGap(Gap gap);

    /// <summary>No more frames follow: the consumer or the client ended it, or an error did.</summary>
    void Complete(Exception? error);
}

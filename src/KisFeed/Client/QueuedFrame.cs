using KisFeed.Wire;

namespace KisFeed;

/// <summary>A frame or an event on its way to a consumer. The buffer goes back to the pool some time after it has been read.</summary>
/// <param name="Sequence">Its number in the queue's course, dropped ones included; of an interruption, that of the next frame.</param>
/// <param name="Buffer">Where its bytes are.</param>
/// <param name="Length">How many there are.</param>
/// <param name="Shape">How its records are laid out.</param>
/// <param name="ReceivedAt">When it was received.</param>
/// <param name="Event">The event, where it is not a frame that can be read.</param>
/// <param name="Interruptions">How often the flow of data was interrupted before it.</param>
/// <param name="Reason">Why it was the last time.</param>
internal readonly record struct QueuedFrame(long Sequence, byte[] Buffer, int Length, FrameShape Shape, DateTimeOffset ReceivedAt, FeedEvent? Event, int Interruptions, GapReason Reason)
{
    public ReadOnlySpan<byte> Text => Buffer.AsSpan(0, Length);

    /// <summary>Whether it is no frame that was received, but tells that the flow of data was interrupted.</summary>
    public bool IsInterruption => Event is Interruption;

    /// <summary>What it takes in memory, roughly.</summary>
    public long Bytes => Event is MalformedFrame malformed ? malformed.Raw.Length : Buffer.Length;
}

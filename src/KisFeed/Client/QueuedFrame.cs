using KisFeed.Wire;

namespace KisFeed;

/// <summary>A frame or an event on its way to a consumer. The buffer goes back to the pool once it has been read.</summary>
/// <param name="Sequence">Its number in the queue's course, dropped ones included.</param>
/// <param name="Buffer">Where its bytes are.</param>
/// <param name="Length">How many there are.</param>
/// <param name="Shape">How its records are laid out.</param>
/// <param name="ReceivedAt">When it was received.</param>
/// <param name="Malformed">The event, where it is not a frame that can be read.</param>
/// <param name="After">Why data are missing just before it, where they are.</param>
internal readonly record struct QueuedFrame(long Sequence, byte[] Buffer, int Length, FrameShape Shape, DateTimeOffset ReceivedAt, MalformedFrame? Malformed, GapReason? After)
{
    public ReadOnlySpan<byte> Text => Buffer.AsSpan(0, Length);

    /// <summary>What it takes in memory, roughly.</summary>
    public long Bytes => Malformed is null ? Buffer.Length : Malformed.Raw.Length;
}

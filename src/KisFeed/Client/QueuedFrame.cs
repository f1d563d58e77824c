using KisFeed.Wire;

namespace KisFeed;

/// <summary>A frame or an event on its way to a consumer. The buffer goes back to the pool once it has been read.</summary>
internal readonly record struct QueuedFrame(long Sequence, byte[] Buffer, int Length, FrameShape Shape, DateTimeOffset ReceivedAt, MalformedFrame? Malformed)
{
    public ReadOnlySpan<byte> Text => Buffer.AsSpan(0, Length);

    /// <summary>What it takes in memory, roughly.</summary>
    public long Bytes => Malformed is null ? Buffer.Length : Malformed.Raw.Length;
}

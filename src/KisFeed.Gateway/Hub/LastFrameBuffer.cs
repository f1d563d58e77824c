using System.Numerics;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>The frame of one key that was received last, in a buffer that is used again for the next. One thread at a time.</summary>
internal sealed class LastFrameBuffer
{
    private const int LeastCapacity = 512; // A record has 200 to 400 bytes.

    private byte[] _buffer = [];
    private int _length;
    private DateTimeOffset? _receivedAt;

    /// <summary>Since when newer data may be missing.</summary>
    public Interruption? Interruption { get; set; }

    /// <summary>Takes a whole frame.</summary>
    public void Set(ReadOnlySpan<byte> frame, DateTimeOffset receivedAt)
    {
        frame.CopyTo(Begin(frame.Length, receivedAt));
    }

    /// <summary>Takes one record of a frame, as a frame of its own. The count keeps its digits, of which frames do not always have the same number.</summary>
    public void Set(in DataFrame frame, ReadOnlySpan<byte> record, DateTimeOffset receivedAt)
    {
        var header = frame.Bytes[..frame.PayloadOffset];
        var count = header[..^1].LastIndexOf((byte)'|') + 1;
        var kept = Begin(header.Length + record.Length, receivedAt);
        header.CopyTo(kept);
        kept[count..(header.Length - 2)].Fill((byte)'0');
        kept[header.Length - 2] = (byte)'1';
        record.CopyTo(kept[header.Length..]);
    }

    /// <summary>A copy of it.</summary>
    public LastFrame Copy() => new(_buffer.AsSpan(0, _length).ToArray(), _receivedAt, Interruption);

    private Span<byte> Begin(int length, DateTimeOffset receivedAt)
    {
        if (_buffer.Length < length)
            _buffer = new byte[Math.Max(LeastCapacity, (int)BitOperations.RoundUpToPowerOf2((uint)length))];
        _length = length;
        _receivedAt = receivedAt;
        Interruption = null;
        return _buffer.AsSpan(0, length);
    }
}

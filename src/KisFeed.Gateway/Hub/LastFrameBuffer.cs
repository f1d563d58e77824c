using System.Numerics;
using KisFeed.Wire;

namespace KisFeed.Gateway.Hub;

/// <summary>The last frame of one key, in a buffer that is reused for the next. Not thread-safe.</summary>
internal sealed class LastFrameBuffer
{
    private const int MinCapacity = 512; // A record has 200 to 400 bytes.

    private byte[] _buffer = [];
    private int _length;
    private DateTimeOffset? _receivedAt;
    private DateOnly? _statedDay;

    /// <summary>Since when newer data may be missing.</summary>
    public Interruption? Interruption { get; set; }

    public void Set(ReadOnlySpan<byte> frame, in Frame received) => frame.CopyTo(Begin(frame.Length, received));

    /// <summary>
    /// Stores one record of a frame as a frame of its own. The count field keeps its number of digits, which varies between frames.
    /// </summary>
    public void Set(in DataFrame frame, ReadOnlySpan<byte> record, in Frame received)
    {
        var header = frame.Bytes[..frame.PayloadOffset];
        var count = header[..^1].LastIndexOf((byte)'|') + 1;
        var kept = Begin(header.Length + record.Length, received);
        header.CopyTo(kept);
        kept[count..(header.Length - 2)].Fill((byte)'0');
        kept[header.Length - 2] = (byte)'1';
        record.CopyTo(kept[header.Length..]);
    }

    public LastFrame Copy() => new(_buffer.AsSpan(0, _length).ToArray(), _receivedAt, Interruption) { StatedDay = _statedDay };

    private Span<byte> Begin(int length, in Frame received)
    {
        if (_buffer.Length < length)
            _buffer = new byte[Math.Max(MinCapacity, (int)BitOperations.RoundUpToPowerOf2((uint)length))];
        _length = length;
        _receivedAt = received.ReceivedAt;
        _statedDay = received.StatedDay;
        Interruption = null;
        return _buffer.AsSpan(0, length);
    }
}

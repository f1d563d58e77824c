using System.Text;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>What was last seen of a key, and what has been the matter since.</summary>
internal sealed class KeyHistory
{
    private readonly VolumeMeter _volume;
    private byte[] _last = [];
    private int _lastLength;
    private DateTimeOffset? _lastAt;
    private GapReason? _reason;
    private DateTimeOffset? _from;
    private long? _frames;

    public KeyHistory(FeedSchema feed, ReadOnlySpan<byte> key)
    {
        Name = Encoding.UTF8.GetString(key);
        _volume = new VolumeMeter(feed, Name);
    }

    public string Name { get; }

    private ReadOnlySpan<byte> Last => _last.AsSpan(0, _lastLength);

    /// <summary>Notes that data are missing from here on. Of several reasons the first stays.</summary>
    public void Mark(GapReason reason, DateTimeOffset? from, long? frames)
    {
        _reason ??= reason;
        _from ??= from;
        if (frames is not null)
            _frames = (_frames ?? 0) + frames;
    }

    /// <summary>The gap before a frame, if there is one. Asked again of the same frame, for another of its records, there is none.</summary>
    public Gap? Pass(in Frame frame)
    {
        var gap = Take(frame.ReceivedAt);
        if (gap is not null && _lastAt is { } lastAt)
            gap = _volume.Measure(gap, new Frame(_last.AsMemory(0, _lastLength), lastAt), frame);
        if (_lastAt == frame.ReceivedAt && Last.SequenceEqual(frame.Bytes.Span))
            return gap;
        if (_last.Length < frame.Bytes.Length)
            _last = new byte[frame.Bytes.Length * 2];
        frame.Bytes.Span.CopyTo(_last);
        _lastLength = frame.Bytes.Length;
        _lastAt = frame.ReceivedAt;
        return gap;
    }

    public Gap? TakeLast() => Take(null);

    private Gap? Take(DateTimeOffset? to)
    {
        if (_reason is not { } reason)
            return null;
        var gap = new Gap { Reason = reason, From = _from ?? _lastAt, To = to, Frames = _frames };
        (_reason, _from, _frames) = (null, null, null);
        return gap;
    }
}

using System.Text;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>What was last seen of a key, and what has been the matter since. Small, because a capture may have very many keys.</summary>
internal sealed class KeyHistory(byte[] key)
{
    private DateTimeOffset? _lastAt;
    private decimal? _total;
    private GapReason? _reason;
    private DateTimeOffset? _from;
    private long? _frames;

    public string Name => Encoding.UTF8.GetString(key);

    /// <summary>Notes that data are missing from here on. Of several reasons the first stays.</summary>
    public void Mark(GapReason reason, DateTimeOffset? from, long? frames)
    {
        _reason ??= reason;
        _from ??= from;
        if (frames is not null)
            _frames = (_frames ?? 0) + frames;
    }

    /// <summary>The gap before a record, if there is one.</summary>
    public Gap? Pass(RecordVolumes volumes, in RecordFields fields, DateTimeOffset receivedAt)
    {
        var total = volumes.HasTotal ? volumes.Total(fields) : null;
        var gap = Take(receivedAt);

        // The counts begin anew each day, and need not have gone back by the time of the first record.
        if (gap is not null && volumes.HasTotal && _lastAt is { } lastAt && KoreaTime.From(lastAt).Date == KoreaTime.From(receivedAt).Date)
            gap = gap with { MissedVolume = RecordVolumes.Missed(total - _total, volumes.Own(fields)) };
        (_lastAt, _total) = (receivedAt, total);
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

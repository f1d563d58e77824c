using System.Text;
using KisFeed.Wire;

namespace KisFeed.Capture.Reading;

/// <summary>The last record of a key and the causes of a gap since. Small, because a capture may have very many keys.</summary>
internal sealed class KeyHistory(byte[] key)
{
    private DateTimeOffset? _lastAt;
    private decimal? _total;
    private GapReason? _reason;
    private DateTimeOffset? _from;
    private long? _frames;

    public string Name => Encoding.UTF8.GetString(key);

    public KeyHistoryState State
    {
        get => new(_lastAt, _total, _reason, _from, _frames);
        set => (_lastAt, _total, _reason, _from, _frames) = value;
    }

    /// <summary>Marks that data is missing from here on. The first of several reasons is kept.</summary>
    public void Mark(GapReason reason, DateTimeOffset? from, long? frames)
    {
        _reason ??= reason;
        _from ??= from;
        if (frames is not null)
            _frames = (_frames ?? 0) + frames;
    }

    /// <summary>Processes a record and returns the gap before it, if there is one.</summary>
    public Gap? OnRecord(RecordVolumes volumes, in RecordFields fields, DateTimeOffset receivedAt)
    {
        var total = volumes.HasTotal ? volumes.Total(fields) : null;
        var gap = CloseGap(receivedAt);

        // Cumulative volumes restart each day, and may not have restarted yet at the first record of a day.
        if (gap is not null && volumes.HasTotal && _lastAt is { } lastAt && KoreaTime.From(lastAt).Date == KoreaTime.From(receivedAt).Date)
            gap = gap with { MissedVolume = RecordVolumes.Missed(total - _total, volumes.Own(fields)) };
        (_lastAt, _total) = (receivedAt, total);
        return gap;
    }

    public Gap? CloseGap(DateTimeOffset? to)
    {
        if (_reason is not { } reason)
            return null;
        var gap = new Gap { Reason = reason, From = _from ?? _lastAt, To = to, Frames = _frames };
        (_reason, _from, _frames) = (null, null, null);
        return gap;
    }
}

namespace KisFeed.Capture.Inspection;

internal sealed class KeyStats(string key)
{
    private long _records;
    private long _gaps;
    private long? _missed;
    private DateTimeOffset? _firstAt;
    private DateTimeOffset? _lastAt;

    public string Key => key;

    public void AddRecord(DateTimeOffset at)
    {
        _records++;
        _firstAt ??= at;
        _lastAt = at;
    }

    public void AddGap(Gap gap)
    {
        _gaps++;
        if (gap.MissedVolume is { } missed)
            _missed = (_missed ?? 0) + missed;
    }

    public KeyReport Report() =>
        new() { Key = key, Records = _records, FirstAt = _firstAt, LastAt = _lastAt, Gaps = _gaps, MissedVolume = _missed };
}

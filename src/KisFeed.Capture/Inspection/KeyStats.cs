namespace KisFeed.Capture;

/// <summary>Counts what is met of one key.</summary>
internal sealed class KeyStats(string key)
{
    private long _records;
    private long _gaps;
    private long? _missed;
    private DateTimeOffset? _firstAt;
    private DateTimeOffset? _lastAt;

    public string Key => key;

    public void Record(DateTimeOffset at)
    {
        _records++;
        _firstAt ??= at;
        _lastAt = at;
    }

    public void Gap(Gap gap)
    {
        _gaps++;
        if (gap.MissedVolume is { } missed)
            _missed = (_missed ?? 0) + missed;
    }

    public KeyReport Report() => new() { Key = key, Records = _records, FirstAt = _firstAt, LastAt = _lastAt, Gaps = _gaps, MissedVolume = _missed };
}

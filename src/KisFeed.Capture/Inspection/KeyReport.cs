namespace KisFeed.Capture.Inspection;

/// <summary>The content of a capture for one key.</summary>
public sealed class KeyReport
{
    internal KeyReport(string key) => Key = key;

    /// <summary>The key. Of order notices it is an HTS ID.</summary>
    public string Key { get; }

    /// <summary>Readable records.</summary>
    public long Records { get; private set; }

    /// <summary>The receive time of the first record.</summary>
    public DateTimeOffset? FirstAt { get; private set; }

    /// <summary>The receive time of the last record.</summary>
    public DateTimeOffset? LastAt { get; private set; }

    /// <summary>The number of gaps.</summary>
    public long Gaps { get; private set; }

    /// <summary>The volume missed in gaps with a known volume; <see langword="null"/> if there is no such gap.</summary>
    public long? MissedVolume { get; private set; }

    internal void AddRecord(DateTimeOffset at)
    {
        Records++;
        FirstAt ??= at;
        LastAt = at;
    }

    internal void AddGap(Gap gap)
    {
        Gaps++;
        if (gap.MissedVolume is { } missed)
            MissedVolume = (MissedVolume ?? 0) + missed;
    }
}

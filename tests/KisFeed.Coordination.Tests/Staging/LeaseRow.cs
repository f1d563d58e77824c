namespace KisFeed.Coordination.Tests.Staging;

/// <summary>The row of an app key in the reference store.</summary>
internal sealed class LeaseRow(string appKey)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    public string AppKey => appKey;

    public string Environment { get; set; } = "";

    public string? Holder { get; set; }

    public long Epoch { get; set; }

    /// <summary>The number of the request with which the holder acquired it.</summary>
    public long Request { get; set; }

    public TimeSpan ExpiresAt { get; set; } = TimeSpan.MinValue;

    public TimeSpan HeldSince { get; set; }

    public int Slots { get; set; }

    /// <summary>Keys that the app key holds.</summary>
    public int Load { get; set; }

    public List<TimeSpan> Attempts { get; } = [];

    public List<TimeSpan> Registrations { get; } = [];

    public bool IsLive(TimeSpan now) => Holder is not null && ExpiresAt > now && Slots > 0;

    public static int Left(List<TimeSpan> used, ClusterRateLimit limit, TimeSpan now) =>
        Math.Max(0, Math.Min(limit.PerMinute - used.Count(at => at > now - s_minute), limit.PerHour - used.Count(at => at > now - s_hour)));

    // The window is full until the oldest use that fills it has left it.
    public static TimeSpan RetryAfter(List<TimeSpan> used, ClusterRateLimit limit, TimeSpan now)
    {
        var minute = used.Count(at => at > now - s_minute) < limit.PerMinute ? now : used[^limit.PerMinute] + s_minute;
        var hour = used.Count(at => at > now - s_hour) < limit.PerHour ? now : used[^limit.PerHour] + s_hour;
        return (minute > hour ? minute : hour) - now;
    }

    public static int InHour(List<TimeSpan> used, TimeSpan now) => used.Count(at => at > now - s_hour);
}

/// <summary>The row of a process in the reference store, with what it wants.</summary>
internal sealed class NodeRow(string name, bool isEdge)
{
    public string Name => name;

    public bool IsEdge => isEdge;

    public TimeSpan ExpiresAt { get; set; }

    public long Sequence { get; set; }

    public Dictionary<KeyRow, TimeSpan> Wanted { get; } = [];
}

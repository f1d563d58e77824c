namespace KisFeed.Capture;

/// <summary>Which bars are made.</summary>
public sealed record BarOptions
{
    /// <summary>How long a bar is: a second to a day, so that a day is made of whole bars. Default a minute.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The keys; empty, the default, for all.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>The times of the records; <see langword="null"/>, the default, for all. The reader's own bounds go by the time of receipt.</summary>
    public RecordSpan? Span { get; init; }

    /// <summary>Whether a day can be made of bars of this length.</summary>
    public static bool IsInterval(TimeSpan interval) =>
        interval >= TimeSpan.FromSeconds(1) && interval.Ticks % TimeSpan.TicksPerSecond == 0 && TimeSpan.TicksPerDay % interval.Ticks == 0;
}

namespace KisFeed.Wire;

/// <summary>The time zone of the broker's frames: Korea, nine hours ahead of UTC all year.</summary>
public static class KoreaTime
{
    /// <summary>Korea's offset from UTC.</summary>
    public static TimeSpan Offset { get; } = TimeSpan.FromHours(9);

    /// <summary>Converts an instant to Korea time.</summary>
    public static DateTimeOffset From(DateTimeOffset instant) => instant.ToOffset(Offset);

    /// <summary>
    /// Converts a time of day in a frame to an instant: the one closest to the time of receipt, so that a frame of 23:59:59 received just after
    /// midnight belongs to the day before.
    /// </summary>
    public static DateTimeOffset At(TimeOnly time, DateTimeOffset receivedAt)
    {
        var korea = receivedAt.UtcTicks + Offset.Ticks;
        var candidate = korea - (korea % TimeSpan.TicksPerDay) + time.Ticks;
        if (candidate - korea > TimeSpan.TicksPerDay / 2)
            candidate -= TimeSpan.TicksPerDay;
        else if (korea - candidate > TimeSpan.TicksPerDay / 2)
            candidate += TimeSpan.TicksPerDay;

        // The first and the last day that a date can represent are not complete in Korea.
        return new DateTimeOffset(Math.Clamp(candidate, Offset.Ticks, DateTime.MaxValue.Ticks), Offset);
    }

    /// <summary>
    /// The instant of a record, from the feed's time column and the time of receipt; <see langword="null"/> if it has no readable time.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="fields">The record.</param>
    /// <param name="receivedAt">The time of receipt, which determines the date.</param>
    public static DateTimeOffset? Of(FeedSchema feed, scoped in RecordFields fields, DateTimeOffset receivedAt)
    {
        ArgumentNullException.ThrowIfNull(feed);
        var column = feed.TimeColumn;
        return column >= 0 && FieldText.TryReadTime(FieldText.Trim(fields[column]), out var time, out _) ? At(time, receivedAt) : null;
    }
}

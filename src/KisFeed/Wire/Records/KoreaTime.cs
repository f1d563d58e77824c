namespace KisFeed.Wire;

/// <summary>The time that the broker's frames are in: Korea, nine hours ahead of UTC all year round.</summary>
public static class KoreaTime
{
    /// <summary>Korea's offset from UTC.</summary>
    public static TimeSpan Offset { get; } = TimeSpan.FromHours(9);

    /// <summary>The Korea-time form of an instant.</summary>
    public static DateTimeOffset From(DateTimeOffset instant) => instant.ToOffset(Offset);

    /// <summary>
    /// The instant that a time of day in a frame means: that time on the Korean date which brings it closest to the receipt,
    /// so that a frame of 23:59:59 received just after midnight belongs to the day before.
    /// </summary>
    public static DateTimeOffset At(TimeOnly time, DateTimeOffset receivedAt)
    {
        var korea = receivedAt.UtcTicks + Offset.Ticks;
        var candidate = korea - (korea % TimeSpan.TicksPerDay) + time.Ticks;
        if (candidate - korea > TimeSpan.TicksPerDay / 2)
            candidate -= TimeSpan.TicksPerDay;
        else if (korea - candidate > TimeSpan.TicksPerDay / 2)
            candidate += TimeSpan.TicksPerDay;

        // The first and the last day that a date can stand for are not whole in Korea.
        return new DateTimeOffset(Math.Clamp(candidate, Offset.Ticks, DateTime.MaxValue.Ticks), Offset);
    }

    /// <summary>The instant that a record tells of, by the feed's time column and the receipt; <see langword="null"/> where it has no time that can be read.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="fields">The record.</param>
    /// <param name="receivedAt">When the record was received, which decides the date.</param>
    public static DateTimeOffset? Of(FeedSchema feed, scoped in RecordFields fields, DateTimeOffset receivedAt)
    {
        ArgumentNullException.ThrowIfNull(feed);
        var column = feed.TimeColumn;
        return column >= 0 && FieldText.TryReadTime(FieldText.Trim(fields[column]), out var time, out _) ? At(time, receivedAt) : null;
    }
}

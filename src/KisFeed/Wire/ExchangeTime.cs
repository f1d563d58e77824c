namespace KisFeed.Wire;

/// <summary>
/// Decides the instant that the time of a record stands for. Most records have a time of day without a date; this is the only place that
/// chooses one.
/// </summary>
/// <remarks>
/// In this order: the date in the record itself; the day that the source states, which simulators and replays do; the nearest date if the
/// record was received within ten minutes, as live data are; the Korean trading day of the receipt, from 06:30 to 06:30 of the next
/// morning, because night sessions end at 06:00. Feeds of other markets have no such day: they get the nearest date.
/// </remarks>
public static class ExchangeTime
{
    private static readonly long s_dayBegin = new TimeOnly(6, 30).Ticks;
    private static readonly long s_liveTolerance = TimeSpan.FromMinutes(10).Ticks;

    /// <summary>The instant of a record, from the feed's time column; <see langword="null"/> if it has no readable time.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="fields">The record.</param>
    /// <param name="receivedAt">When it was received.</param>
    public static DateTimeOffset? Of(FeedSchema feed, scoped in RecordFields fields, DateTimeOffset receivedAt)
    {
        ArgumentNullException.ThrowIfNull(feed);
        if (feed.TimeColumn < 0 || !FieldText.TryReadTime(FieldText.Trim(fields[feed.TimeColumn]), out var time, out _))
            return null;
        var column = feed.DateColumn;
        DateOnly? date = column >= 0 && FieldText.TryReadDate(FieldText.Trim(fields[column]), out var own, out _) ? own : null;
        return At(time, receivedAt, date, fields.StatedDay, feed.HasKoreanSession);
    }

    /// <summary>The instant that a time of day in a record stands for.</summary>
    /// <param name="time">The time of day in Korea.</param>
    /// <param name="receivedAt">When it was received.</param>
    /// <param name="date">The date in the record; <see langword="null"/> if it has none.</param>
    /// <param name="statedDay">The trading day that the source states; <see langword="null"/> if it states none.</param>
    /// <param name="hasKoreanSession">Whether the feed is of a Korean market.</param>
    public static DateTimeOffset At(
        TimeOnly time, DateTimeOffset receivedAt, DateOnly? date = null, DateOnly? statedDay = null, bool hasKoreanSession = false)
    {
        if (date is { } own)
            return Instant((own.DayNumber * TimeSpan.TicksPerDay) + time.Ticks);
        if (statedDay is { } day)
            return Instant(WithinDay(day.DayNumber, time));
        var received = receivedAt.UtcTicks + KoreaTime.Offset.Ticks;
        var nearest = Nearest(time, received);
        var isNearest = !hasKoreanSession || Math.Abs(nearest - received) <= s_liveTolerance;
        return Instant(isNearest ? nearest : WithinDay(DayNumberOf(received), time));
    }

    /// <summary>The Korean trading day that an instant belongs to: until 06:30 it is that of the day before.</summary>
    public static DateOnly TradingDayOf(DateTimeOffset instant) =>
        DateOnly.FromDayNumber(DayNumberOf(instant.UtcTicks + KoreaTime.Offset.Ticks));

    private static int DayNumberOf(long korea) =>
        (int)Math.Clamp((korea - s_dayBegin) / TimeSpan.TicksPerDay, 0, DateOnly.MaxValue.DayNumber);

    private static long WithinDay(int day, TimeOnly time) =>
        ((time.Ticks < s_dayBegin ? day + 1 : day) * TimeSpan.TicksPerDay) + time.Ticks;

    private static long Nearest(TimeOnly time, long received)
    {
        var candidate = received - (received % TimeSpan.TicksPerDay) + time.Ticks;
        if (candidate - received > TimeSpan.TicksPerDay / 2)
            return candidate - TimeSpan.TicksPerDay;
        return received - candidate > TimeSpan.TicksPerDay / 2 ? candidate + TimeSpan.TicksPerDay : candidate;
    }

    // The first and the last day that a date can represent are not complete in Korea.
    private static DateTimeOffset Instant(long korea) =>
        new(Math.Clamp(korea, KoreaTime.Offset.Ticks, DateTime.MaxValue.Ticks), KoreaTime.Offset);
}

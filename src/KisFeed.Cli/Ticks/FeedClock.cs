using KisFeed.Wire;

namespace KisFeed.Cli.Ticks;

/// <summary>Finds the moment that a record tells of.</summary>
internal static class FeedClock
{
    /// <summary>The record's time on the date that it was received, in Korea's offset; <see langword="null"/> where it has none.</summary>
    public static DateTimeOffset? TimestampOf(FeedSchema feed, scoped RecordFields fields, DateTimeOffset receivedAt)
    {
        var column = feed.TimeColumn;
        return column >= 0 && FieldText.TryReadTime(FieldText.Trim(fields[column]), out var time, out _) ? KoreaTime.At(time, receivedAt) : null;
    }
}

using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>The times of the records that are wanted. By the exchange's clock it means the same in a capture of the market and in one of a replayed or simulated day.</summary>
public sealed record RecordSpan
{
    private static readonly DateTimeOffset s_earliest = DateTimeOffset.MinValue.AddDays(2);
    private static readonly DateTimeOffset s_latest = DateTimeOffset.MaxValue.AddDays(-2);

    /// <summary>Records before this are left out; <see langword="null"/>, the default, for none.</summary>
    public CaptureTime? From { get; init; }

    /// <summary>Records at this or later are left out; <see langword="null"/>, the default, for none.</summary>
    public CaptureTime? To { get; init; }

    /// <summary>Which time is meant. Default <see cref="CaptureClock.Exchange"/>.</summary>
    public CaptureClock By { get; init; }

    /// <summary>Whether a time lies within.</summary>
    internal bool Contains(DateTimeOffset at) => From?.IsAfter(at) != true && To?.IsAfter(at) != false;

    /// <summary>Whether any time from one to another, both included, lies within.</summary>
    internal bool Overlaps(DateTimeOffset first, DateTimeOffset last)
    {
        // The earliest and the latest time there are stand for an open end. They have no date in Korea.
        first = Bounded(first);
        last = Bounded(last);
        if (Contains(first) || Contains(last))
            return true;

        // What lies within begins at one of the bounds, or at midnight where there is only an end for each day.
        foreach (var day in (DateTimeOffset?[])[first, From?.Instant])
        {
            if (day is not { } from)
                continue;
            var midnight = new DateTimeOffset(KoreaTime.From(from).Date, KoreaTime.Offset);
            foreach (var beginning in (DateTimeOffset[])[from, At(midnight), At(midnight.AddDays(1))])
            {
                if (beginning > first && beginning <= last && Contains(beginning))
                    return true;
            }
        }

        return false;
    }

    /// <summary>The time of a record; <see langword="null"/> where it states none although its feed has one.</summary>
    internal DateTimeOffset? TimeOf(FeedSchema feed, in RecordFields fields, DateTimeOffset receivedAt) =>
        By == CaptureClock.Receipt || feed.TimeColumn < 0 ? receivedAt : KoreaTime.Of(feed, fields, receivedAt);

    private static DateTimeOffset Bounded(DateTimeOffset time) => time < s_earliest ? s_earliest : time > s_latest ? s_latest : time;

    private DateTimeOffset At(DateTimeOffset midnight) => midnight + (From?.TimeOfDay?.ToTimeSpan() ?? TimeSpan.Zero);
}

/// <summary>Which time of a record a <see cref="RecordSpan"/> bounds.</summary>
public enum CaptureClock
{
    /// <summary>When it captureEvent, by the record's own time with the Korean date closest to the receipt. Of a feed without such a time, when it was received.</summary>
    Exchange,

    /// <summary>When it was received.</summary>
    Receipt,
}

/// <summary>What there was to select from: records of the feeds and keys that are wanted, within the span or not.</summary>
/// <param name="Records">How many.</param>
/// <param name="Untimed">Those of them without a time, which no span selects.</param>
/// <param name="Earliest">The earliest time of the others.</param>
/// <param name="Latest">The latest time of the others.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SpanCounts(long Records, long Untimed, DateTimeOffset? Earliest, DateTimeOffset? Latest);

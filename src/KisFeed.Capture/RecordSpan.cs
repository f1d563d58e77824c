using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>
/// A span of times that selects records. Exchange times mean the same in a capture of the market and in one of a replayed or simulated day.
/// </summary>
public sealed record RecordSpan
{
    private static readonly DateTimeOffset s_earliest = DateTimeOffset.MinValue.AddDays(2);
    private static readonly DateTimeOffset s_latest = DateTimeOffset.MaxValue.AddDays(-2);

    /// <summary>Records before this are left out. Default <see langword="null"/>: no limit.</summary>
    public CaptureTime? From { get; init; }

    /// <summary>Records at this time or later are left out. Default <see langword="null"/>: no limit.</summary>
    public CaptureTime? To { get; init; }

    /// <summary>The clock of the bounds. Default <see cref="CaptureClock.Exchange"/>.</summary>
    public CaptureClock By { get; init; }

    internal bool Contains(DateTimeOffset at) => From?.IsAfter(at) != true && To?.IsAfter(at) != false;

    /// <summary>Whether the span contains any time between two times, both included.</summary>
    internal bool Overlaps(DateTimeOffset first, DateTimeOffset last)
    {
        // The minimum and maximum values represent an open end. They cannot be converted to Korea time.
        first = Bounded(first);
        last = Bounded(last);
        if (Contains(first) || Contains(last))
            return true;

        // The overlap begins at one of the bounds, or at midnight if there is only a daily end.
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

    /// <summary>Returns the time of a record; <see langword="null"/> if it has none although its feed has a time column.</summary>
    internal DateTimeOffset? TimeOf(FeedSchema feed, in RecordFields fields, DateTimeOffset receivedAt) =>
        By == CaptureClock.Receipt || feed.TimeColumn < 0 ? receivedAt : ExchangeTime.Of(feed, fields, receivedAt);

    private static DateTimeOffset Bounded(DateTimeOffset time) => time < s_earliest ? s_earliest : time > s_latest ? s_latest : time;

    private DateTimeOffset At(DateTimeOffset midnight) => midnight + (From?.TimeOfDay?.ToTimeSpan() ?? TimeSpan.Zero);
}

/// <summary>The clocks of a <see cref="RecordSpan"/>.</summary>
public enum CaptureClock
{
    /// <summary>
    /// Exchange time: the time in the record, with the date that <see cref="ExchangeTime"/> decides. For
    /// feeds without a time, the receive time.
    /// </summary>
    Exchange,

    /// <summary>Receive time.</summary>
    Receipt,
}

/// <summary>The records of the selected feeds and keys, inside and outside the span.</summary>
/// <param name="Records">The number of records.</param>
/// <param name="Untimed">The number of records without a time, which no span contains.</param>
/// <param name="Earliest">The earliest time.</param>
/// <param name="Latest">The latest time.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SpanCounts(long Records, long Untimed, DateTimeOffset? Earliest, DateTimeOffset? Latest);

using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Soak.Checks;

/// <summary>
/// Follows what one subscription delivers, and finds what is lost unsaid, doubled, out of order or another's. Told by one consumer at a time;
/// counts may be read by anybody.
/// </summary>
/// <param name="name">What findings call the subscription.</param>
/// <param name="rule">How its records follow one another.</param>
/// <param name="findings">Where what is wrong goes.</param>
/// <param name="windows">What is explained by faults.</param>
internal sealed class Audit(string name, SequenceRule rule, Findings findings, FaultWindows windows)
{
    private long? _total;
    private Gap? _gap;
    private bool _isInterrupted;
    private bool _isUnreadableBehindGap;
    private long _begunAnew;
    private long _records;
    private long _interruptions;
    private long _gaps;
    private long _overflows;
    private long _unmeasured;
    private long _malformed;
    private long _delivered;
    private long _missed;
    private long _grown;
    private long _framesMissed;

    public string Name => name;

    public long Records => Volatile.Read(ref _records);

    /// <summary>Frames that gaps said the queue had dropped.</summary>
    public long FramesMissed => Volatile.Read(ref _framesMissed);

    /// <summary>How often the cumulative volume went back: it must not more often than a market began anew.</summary>
    public long BegunAnew => Volatile.Read(ref _begunAnew);

    public Tally Tally => new()
    {
        Records = Records,
        Interruptions = Volatile.Read(ref _interruptions),
        Gaps = Volatile.Read(ref _gaps),
        Overflows = Volatile.Read(ref _overflows),
        UnmeasuredGaps = Volatile.Read(ref _unmeasured),
        Malformed = Volatile.Read(ref _malformed),
        DeliveredVolume = Volatile.Read(ref _delivered),
        MissedVolume = Volatile.Read(ref _missed),
        Growth = Volatile.Read(ref _grown),
    };

    public void OnRecord(in Reading reading)
    {
        var gap = _gap;
        _gap = null;
        if (_isInterrupted && gap is null)
            Wrong("data went on after an interruption without a gap");
        _isInterrupted = false;
        if (!reading.IsOfKey)
            Wrong("a record of another key");

        // Numbers may begin anew behind a gap, and the first record there need not have one.
        if (gap is not null && rule == SequenceRule.Numbers)
            _total = null;
        if (reading.Total is { } total)
        {
            if (_total is { } before)
            {
                if (gap is null)
                    Follow(before, total, reading.Own);
                else
                    FollowGap(gap, before, total, reading.Own);
            }

            _total = total;
        }
        else if (rule != SequenceRule.Numbers)
        {
            Wrong("a record without a cumulative volume");
        }

        Volatile.Write(ref _records, _records + 1);
    }

    public void OnEvent(FeedEvent happened)
    {
        switch (happened)
        {
            case Interruption:
                _isInterrupted = true;
                Volatile.Write(ref _interruptions, _interruptions + 1);
                break;
            case Gap gap:
                OnGap(gap);
                break;
            case MalformedFrame malformed:
                OnMalformed(malformed);
                break;
            default:
                Wrong($"an event of no known kind, {happened.GetType().Name}");
                break;
        }
    }

    /// <summary>Says that something is wrong with the subscription.</summary>
    public void Wrong(string what) => findings.Add($"{name}: {what} (record {Records + 1})");

    /// <summary>The subscription is over: all that was delivered and missed must make up what the cumulative volume has grown by.</summary>
    public void Close()
    {
        if (rule == SequenceRule.Volumes && Tally is var tally && tally.DeliveredVolume + tally.MissedVolume != tally.Growth)
            Wrong($"{tally.DeliveredVolume} was delivered and {tally.MissedVolume} told to be missed, but the cumulative volume grew by {tally.Growth}");
    }

    private void OnGap(Gap gap)
    {
        _isInterrupted = false;
        _isUnreadableBehindGap = false;
        _gap = gap;
        Volatile.Write(ref _gaps, _gaps + 1);
        Volatile.Write(ref _framesMissed, _framesMissed + (gap.Frames ?? 0));
        if (gap.Reason == GapReason.QueueOverflow)
            Volatile.Write(ref _overflows, _overflows + 1);
        if (gap is { From: { } from, To: { } to } && to < from)
            Wrong($"a gap that ends before it begins, {from:O} to {to:O}");
    }

    private void OnMalformed(MalformedFrame malformed)
    {
        Volatile.Write(ref _malformed, _malformed + 1);
        _isUnreadableBehindGap |= _gap is not null;
        if (_isInterrupted)
            Wrong("a malformed frame after an interruption without a gap");
        var isExplained = malformed.Error.Kind switch
        {
            FrameErrorKind.WrongNoticeKey or FrameErrorKind.NoNoticeKey => windows.Covers(FaultEffect.LostKeys, malformed.ReceivedAt),
            FrameErrorKind.InvalidNoticeKey => false,
            _ => malformed.Error.Column is null && windows.Covers(FaultEffect.Noise, malformed.ReceivedAt),
        };
        if (!isExplained)
            Wrong($"cannot be read, and no fault explains it: {malformed.Error}");
    }

    private void Follow(long before, long total, long? own)
    {
        switch (rule)
        {
            case SequenceRule.Volumes when own is null || total != before + own:
                Wrong($"after {before} a record of {own} has {total}: lost unsaid, doubled or out of order");
                break;
            case SequenceRule.Growth or SequenceRule.Numbers when total <= before:
                Wrong($"after {before} comes {total}: doubled or out of order");
                break;
        }

        Count(total - before, own ?? 0, 0);
    }

    private void FollowGap(Gap gap, long before, long total, long? own)
    {
        if (gap.MissedVolume is { } missed)
        {
            // Without growth it is the record before the gap, sent again.
            var isAgain = total == before;
            var unseen = isAgain ? 0 : total - before - (own ?? 0);
            if (missed != unseen)
                Wrong($"a gap tells of {missed}, but from {before} to {total}, less {own}, it is {unseen}");
            Count(total - before, isAgain ? 0 : own ?? 0, missed);
            return;
        }

        Volatile.Write(ref _unmeasured, _unmeasured + 1);
        if (total < before)
            Volatile.Write(ref _begunAnew, _begunAnew + 1);
        else if (!_isUnreadableBehindGap && !SpansDays(gap))
            Wrong($"a gap without a volume, although it is known: from {before} to {total}");
        Count(own ?? 0, own ?? 0, 0);
    }

    private void Count(long grown, long delivered, long missed)
    {
        if (rule != SequenceRule.Volumes)
            return;
        Volatile.Write(ref _grown, _grown + grown);
        Volatile.Write(ref _delivered, _delivered + delivered);
        Volatile.Write(ref _missed, _missed + missed);
    }

    private static bool SpansDays(Gap gap) =>
        gap is { From: { } from, To: { } to } && KoreaTime.From(from).Date != KoreaTime.From(to).Date;
}

/// <summary>What a record says of its place among the others.</summary>
/// <param name="IsOfKey">Whether it is of the key that was subscribed to.</param>
/// <param name="Total">The cumulative volume, or the number.</param>
/// <param name="Own">The record's own volume.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Reading(bool IsOfKey, long? Total, long? Own);

/// <summary>How the records of a subscription follow one another while nothing is missing.</summary>
internal enum SequenceRule
{
    /// <summary>The cumulative volume grows by the record's own: no record can be missing, doubled or in another's place.</summary>
    Volumes,

    /// <summary>The cumulative volume grows: no record can be doubled or in another's place.</summary>
    Growth,

    /// <summary>The number grows, of those records that have a new one.</summary>
    Numbers,
}

/// <summary>What a fault brings with it that would be wrong at any other time.</summary>
[Flags]
internal enum FaultEffect
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Messages that nobody can read.</summary>
    Noise = 1,

    /// <summary>Notices whose key was lost with the acknowledgement.</summary>
    LostKeys = 2,
}

using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Soak.Checks;

/// <summary>
/// Checks the items of one subscription for unreported losses, duplicates, wrong order and records of other keys. Called by one consumer at
/// a time; counts may be read by any thread.
/// </summary>
/// <param name="name">The name of the subscription in findings.</param>
/// <param name="rule">The rule for consecutive records.</param>
/// <param name="findings">Receives errors.</param>
/// <param name="windows">The periods in which faults explain errors.</param>
internal sealed class Audit(string name, SequenceRule rule, Findings findings, FaultWindows windows)
{
    private long? _total;
    private Gap? _gap;
    private bool _isInterrupted;
    private bool _isUnreadableBehindGap;
    private long _volumeResets;
    private long _records;
    private long _interruptions;
    private long _gaps;
    private long _overflows;
    private long _unmeasured;
    private long _malformed;
    private long _delivered;
    private long _missed;
    private long _growth;
    private long _framesMissed;

    public string Name => name;

    public long Records => Volatile.Read(ref _records);

    /// <summary>Dropped frames reported by gaps.</summary>
    public long FramesMissed => Volatile.Read(ref _framesMissed);

    /// <summary>How often the cumulative volume decreased: at most once for each restart of the market.</summary>
    public long VolumeResets => Volatile.Read(ref _volumeResets);

    public DeliveryStats DeliveryStats => new()
    {
        Records = Records,
        Interruptions = Volatile.Read(ref _interruptions),
        Gaps = Volatile.Read(ref _gaps),
        Overflows = Volatile.Read(ref _overflows),
        UnmeasuredGaps = Volatile.Read(ref _unmeasured),
        Malformed = Volatile.Read(ref _malformed),
        DeliveredVolume = Volatile.Read(ref _delivered),
        MissedVolume = Volatile.Read(ref _missed),
        Growth = Volatile.Read(ref _growth),
    };

    public void OnRecord(in Reading reading)
    {
        var gap = _gap;
        _gap = null;
        if (_isInterrupted && gap is null)
            ReportError("data continued after an interruption without a gap");
        _isInterrupted = false;
        if (!reading.IsOfKey)
            ReportError("a record of another key");

        // Numbers may restart after a gap, and the first record there may have none.
        if (gap is not null && rule == SequenceRule.Numbers)
            _total = null;
        if (reading.Total is { } total)
        {
            if (_total is { } before)
            {
                if (gap is null)
                    CheckSequence(before, total, reading.Own);
                else
                    CheckGap(gap, before, total, reading.Own);
            }

            _total = total;
        }
        else if (rule != SequenceRule.Numbers)
        {
            ReportError("a record without a cumulative volume");
        }

        Volatile.Write(ref _records, _records + 1);
    }

    public void OnEvent(FeedEvent feedEvent)
    {
        switch (feedEvent)
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
                ReportError($"an unknown event, {feedEvent.GetType().Name}");
                break;
        }
    }

    /// <summary>Adds a finding about the subscription.</summary>
    public void ReportError(string what) => findings.Add($"{name}: {what} (record {Records + 1})");

    /// <summary>
    /// Checks at the end of the subscription that delivered and missed volume add up to the growth of the cumulative volume.
    /// </summary>
    public void Close()
    {
        if (rule == SequenceRule.Volumes && DeliveryStats is var tally && tally.DeliveredVolume + tally.MissedVolume != tally.Growth)
        {
            ReportError($"{tally.DeliveredVolume} was delivered and {tally.MissedVolume} reported as missed, but the cumulative "
                + $"volume grew by {tally.Growth}");
        }
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
            ReportError($"a gap that ends before it begins, {from:O} to {to:O}");
    }

    private void OnMalformed(MalformedFrame malformed)
    {
        Volatile.Write(ref _malformed, _malformed + 1);
        _isUnreadableBehindGap |= _gap is not null;
        if (_isInterrupted)
            ReportError("a malformed frame after an interruption without a gap");
        var isExplained = malformed.Error.Kind switch
        {
            FrameErrorKind.WrongNoticeKey or FrameErrorKind.NoNoticeKey => windows.Covers(FaultEffect.LostKeys, malformed.ReceivedAt),
            FrameErrorKind.InvalidNoticeKey => false,
            _ => malformed.Error.Column is null && windows.Covers(FaultEffect.Noise, malformed.ReceivedAt),
        };
        if (!isExplained)
            ReportError($"unreadable, and no fault explains it: {malformed.Error}");
    }

    private void CheckSequence(long before, long total, long? own)
    {
        switch (rule)
        {
            case SequenceRule.Volumes when own is null || total != before + own:
                ReportError($"after {before} a record of {own} has {total}: lost without a gap, duplicated or out of order");
                break;
            case SequenceRule.Growth or SequenceRule.Numbers when total <= before:
                ReportError($"after {before} comes {total}: duplicated or out of order");
                break;
        }

        Count(total - before, own ?? 0, 0);
    }

    private void CheckGap(Gap gap, long before, long total, long? own)
    {
        if (gap.MissedVolume is { } missed)
        {
            // Without growth it is a repetition of the record before the gap.
            var isAgain = total == before;
            var expected = isAgain ? 0 : total - before - (own ?? 0);
            if (missed != expected)
                ReportError($"a gap reports {missed}, but from {before} to {total}, less {own}, it is {expected}");
            Count(total - before, isAgain ? 0 : own ?? 0, missed);
            return;
        }

        Volatile.Write(ref _unmeasured, _unmeasured + 1);
        if (total < before)
            Volatile.Write(ref _volumeResets, _volumeResets + 1);
        else if (!_isUnreadableBehindGap && !SpansDays(gap))
            ReportError($"a gap without a volume, although it is known: from {before} to {total}");
        Count(own ?? 0, own ?? 0, 0);
    }

    private void Count(long growth, long delivered, long missed)
    {
        if (rule != SequenceRule.Volumes)
            return;
        Volatile.Write(ref _growth, _growth + growth);
        Volatile.Write(ref _delivered, _delivered + delivered);
        Volatile.Write(ref _missed, _missed + missed);
    }

    private static bool SpansDays(Gap gap) =>
        gap is { From: { } from, To: { } to } && KoreaTime.From(from).Date != KoreaTime.From(to).Date;
}

/// <summary>The values of a record that determine its position in the sequence.</summary>
/// <param name="IsOfKey">Whether it has the subscribed key.</param>
/// <param name="Total">The cumulative volume, or the number.</param>
/// <param name="Own">The record's own volume.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Reading(bool IsOfKey, long? Total, long? Own);

/// <summary>The rule for consecutive records without gaps.</summary>
internal enum SequenceRule
{
    /// <summary>
    /// The cumulative volume increases by the record's own volume, which detects missing, duplicate and reordered records.
    /// </summary>
    Volumes,

    /// <summary>The cumulative volume increases, which detects duplicate and reordered records.</summary>
    Growth,

    /// <summary>The number increases, of records that have a new one.</summary>
    Numbers,
}

/// <summary>Effects of a fault that are errors at any other time.</summary>
[Flags]
internal enum FaultEffect
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Unreadable messages.</summary>
    Noise = 1,

    /// <summary>Notices whose key was lost with the acknowledgement.</summary>
    LostKeys = 2,
}

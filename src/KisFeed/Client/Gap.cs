using System.Globalization;

namespace KisFeed;

/// <summary>An interval in which data of a subscription may be missing.</summary>
public sealed record Gap : FeedEvent
{
    /// <summary>When the last frame before the gap was received; <see langword="null"/> where there was none.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>When the first frame after the gap was received; <see langword="null"/> where none followed.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>
    /// Why data are missing. Where the flow of data was interrupted more than once, the first time since the last frame that arrived; an overflow of the queue
    /// in the same gap does not change the reason but shows in <see cref="Frames"/>.
    /// </summary>
    public required GapReason Reason { get; init; }

    /// <summary>
    /// How many frames the queue dropped here; <see langword="null"/> where it dropped none. With <see cref="GapReason.QueueOverflow"/> these are all
    /// that is missing; with any other reason nobody knows how many more were never received.
    /// </summary>
    public long? Frames { get; init; }

    /// <summary>
    /// How much volume passed unseen: the growth of the feed's cumulative volume from the last record before the gap to the first one after it, less the own volume
    /// of the latter. In the unit of the cumulative column (<see cref="Wire.ColumnRole.CumulativeVolume"/>); 0 where nothing was missed. Records of a feed that
    /// does not state their own volume, such as program trading, count as unseen with what the first of them after the gap tells of.
    /// <see langword="null"/> where it cannot be told: the feed has no cumulative volume, there is no record before or after, a value is absent, cannot be read or contradicts
    /// another, or the count began anew (it went back, or the day in Korea changed).
    /// </summary>
    public long? MissedVolume { get; init; }

    private protected override string Description
    {
        get
        {
            var from = From is null ? "" : $" from {TimeText(From.Value)}";
            var to = To is null ? "" : $" to {TimeText(To.Value)}";
            var frames = Frames is null ? "" : string.Create(CultureInfo.InvariantCulture, $", {Frames} {(Frames == 1 ? "frame" : "frames")} dropped");
            var volume = MissedVolume is null ? "" : string.Create(CultureInfo.InvariantCulture, $", missed volume {MissedVolume}");
            return $"{Reason}{from}{to}{frames}{volume}";
        }
    }

    /// <summary>Whether its times are those of a server's clock.</summary>
    internal bool IsUpstream { get; init; }

    /// <summary>One gap for two in the same place, neither of which has its missed volume yet: the reason of this one, and all the time and frames that both are about.</summary>
    internal Gap Join(Gap other) => this with
    {
        From = From is null || other.From is null ? null : From < other.From ? From : other.From,
        To = To is null || other.To is null ? null : To > other.To ? To : other.To,
        IsUpstream = IsUpstream || other.IsUpstream,
        Frames = Frames is null && other.Frames is null ? null : (Frames ?? 0) + (other.Frames ?? 0),
    };
}

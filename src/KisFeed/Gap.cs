using System.Globalization;

namespace KisFeed;

/// <summary>An interval in which data of a subscription may be missing.</summary>
public sealed record Gap : FeedEvent
{
    /// <summary>When the last frame before the gap was received; <see langword="null"/> if there was none.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>When the first frame after the gap was received; <see langword="null"/> if none followed.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>
    /// Why data are missing. After several interruptions without a frame between them, this is the reason of the first. A queue overflow in
    /// the same gap does not change the reason, but is counted in <see cref="Frames"/>.
    /// </summary>
    public required GapReason Reason { get; init; }

    /// <summary>
    /// Number of frames that the queue dropped here; <see langword="null"/> if it dropped none. With <see cref="GapReason.QueueOverflow"/>,
    /// only these are missing; with any other reason, an unknown number of frames was never received as well.
    /// </summary>
    public long? Frames { get; init; }

    /// <summary>
    /// The volume missed: the increase of the feed's cumulative volume from the last record before the gap to the first record after it,
    /// minus that record's own volume. In the unit of the cumulative column (<see cref="Wire.ColumnRole.CumulativeVolume"/>); 0 if nothing
    /// was missed. If the feed does not state the volume of each record (program trading), the volume of the first record after the gap is
    /// included. <see langword="null"/> if it cannot be determined: the feed has no cumulative volume; there is no record before or after;
    /// a value is absent, cannot be read or contradicts another; or the count restarted (it decreased, or the date in Korea changed).
    /// </summary>
    public long? MissedVolume { get; init; }

    private protected override string Description
    {
        get
        {
            var from = From is null ? "" : $" from {TimeText(From.Value)}";
            var to = To is null ? "" : $" to {TimeText(To.Value)}";
            var frames = Frames is null
                ? ""
                : string.Create(CultureInfo.InvariantCulture, $", {Frames} {(Frames == 1 ? "frame" : "frames")} dropped");
            var volume = MissedVolume is null ? "" : string.Create(CultureInfo.InvariantCulture, $", missed volume {MissedVolume}");
            return $"{Reason}{from}{to}{frames}{volume}";
        }
    }

    /// <summary>Whether its times come from a server's clock.</summary>
    internal bool IsUpstream { get; init; }

    /// <summary>A gap that a frame ends although its reporter has received none after it, because somebody else has the key now.</summary>
    internal Gap EndingBefore(DateTimeOffset? frame) => To is null ? this with { To = frame } : this;

    /// <summary>
    /// Joins two gaps at the same position, neither of which has its missed volume yet: the reason of this one,
    /// with the times and frames of both.
    /// </summary>
    internal Gap Join(Gap other) => this with
    {
        From = From is null || other.From is null ? null : From < other.From ? From : other.From,
        To = To is null || other.To is null ? null : To > other.To ? To : other.To,
        IsUpstream = IsUpstream || other.IsUpstream,
        Frames = Frames is null && other.Frames is null ? null : (Frames ?? 0) + (other.Frames ?? 0),
    };
}

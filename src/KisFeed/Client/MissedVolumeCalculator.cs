using System.Text;
using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>
/// Calculates the volume that was missed between two frames of a subscription, from the cumulative columns of its records. Parses frames only when a
/// gap is measured.
/// </summary>
internal sealed class MissedVolumeCalculator(FeedSchema feed, string key)
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);
    private readonly RecordVolumes _volumes = new(feed);

    /// <summary>Adds the missed volume to a gap, if it can be determined.</summary>
    /// <param name="gap">The gap.</param>
    /// <param name="before">The last frame before the gap; a default value if there was none.</param>
    /// <param name="after">The first item after the gap.</param>
    public Gap Measure(Gap gap, in QueuedFrame before, in QueuedFrame after)
    {
        if (!_volumes.HasTotal || before.Buffer is null || after.Event is not null || DayOf(before) != DayOf(after))
            return gap;
        var (total, _) = VolumesIn(before, isLastWanted: true);
        var (newTotal, own) = VolumesIn(after, isLastWanted: false);
        return gap with { MissedVolume = RecordVolumes.Missed(newTotal - total, own) };
    }

    // The counts restart each day, and need not have decreased by the time of the first record.
    private static DateTime DayOf(in QueuedFrame frame) => KoreaTime.From(frame.ReceivedAt).Date;

    private (decimal? Total, decimal? Own) VolumesIn(in QueuedFrame queued, bool isLastWanted)
    {
        (decimal?, decimal?) volumes = (null, null);
        if (!DataFrame.TryParse(queued.Text, out var frame, out _))
            return volumes;
        var reader = new RecordReader(frame, queued.Shape, stackalloc int[RecordReader.ScratchLength(queued.Shape)]);
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            if (!FieldText.Trim(fields[feed.KeyColumn]).SequenceEqual(_key))
                continue;
            volumes = (_volumes.Total(fields), _volumes.Own(fields));
            if (!isLastWanted)
                break;
        }

        return volumes;
    }
}

/// <summary>Reads volumes from the records of a feed: the day's cumulative volume and the record's own volume.</summary>
internal sealed class RecordVolumes(FeedSchema feed)
{
    private readonly int[] _cumulative = [.. feed.ColumnsWith(ColumnRole.CumulativeVolume)];
    private readonly int[] _own = [.. feed.ColumnsWith(ColumnRole.TradeVolume)];

    /// <summary>Whether the feed has cumulative columns.</summary>
    public bool HasTotal => _cumulative.Length > 0;

    /// <summary>The day's volume so far; <see langword="null"/> if the record does not state it completely.</summary>
    public decimal? Total(in RecordFields fields) => Sum(fields, _cumulative);

    /// <summary>The record's own volume.</summary>
    public decimal? Own(in RecordFields fields) => Sum(fields, _own);

    /// <summary>
    /// The volume missed between two records, excluding the later one's own volume; <see langword="null"/> if it cannot be determined.
    /// </summary>
    /// <param name="growth">The increase of the cumulative volume between the two records.</param>
    /// <param name="own">The later record's own volume.</param>
    public static long? Missed(decimal? growth, decimal? own)
    {
        // If the total has not grown, the record is the one before the gap, sent again.
        var missed = growth == 0 ? 0 : growth - own;
        return missed is >= 0 and <= long.MaxValue && decimal.IsInteger(missed.Value) ? (long)missed : null;
    }

    private decimal? Sum(in RecordFields fields, int[] columns)
    {
        decimal? sum = 0;
        foreach (var column in columns)
            sum += Read(FieldText.Trim(fields[column]), feed.Columns[column].Type);
        return sum;
    }

    private static decimal? Read(ReadOnlySpan<byte> text, ColumnType type)
    {
        if (type == ColumnType.Integer)
            return FieldText.TryReadInteger(text, out var integer, out _) ? integer : null;
        return FieldText.TryReadDecimal(text, out var number, out _) && Math.Abs(number) <= long.MaxValue ? number : null;
    }
}

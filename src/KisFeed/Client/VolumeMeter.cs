using System.Text;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// Finds out how much volume passed between two frames of a subscription, by the columns of its records that accumulate. Works on what the
/// frames say, only when it is asked.
/// </summary>
internal sealed class VolumeMeter(FeedSchema feed, string key)
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);
    private readonly int[] _cumulative = [.. feed.ColumnsWith(ColumnRole.CumulativeVolume)];
    private readonly int[] _own = [.. feed.ColumnsWith(ColumnRole.TradeVolume)];

    /// <summary>The gap, with the volume that passed in it where that can be told.</summary>
    /// <param name="gap">The gap.</param>
    /// <param name="before">The last frame before it; none of its fields are set where there was none.</param>
    /// <param name="after">The first item behind it.</param>
    public Gap Measure(Gap gap, in QueuedFrame before, in QueuedFrame after)
    {
        if (_cumulative.Length == 0 || before.Buffer is null || after.Event is not null || DayOf(before) != DayOf(after))
            return gap;
        return gap with { MissedVolume = Measure(before.Text, before.Shape, after.Text, after.Shape) };
    }

    /// <summary>The gap, with the volume that passed in it where that can be told.</summary>
    /// <param name="gap">The gap.</param>
    /// <param name="before">The last frame before it.</param>
    /// <param name="after">The first frame behind it.</param>
    public Gap Measure(Gap gap, in Frame before, in Frame after)
    {
        if (_cumulative.Length == 0 || KoreaTime.From(before.ReceivedAt).Date != KoreaTime.From(after.ReceivedAt).Date
            || !TryResolve(before, out var shapeBefore) || !TryResolve(after, out var shapeAfter))
        {
            return gap;
        }

        return gap with { MissedVolume = Measure(before.Bytes.Span, shapeBefore, after.Bytes.Span, shapeAfter) };
    }

    private bool TryResolve(in Frame frame, out FrameShape shape)
    {
        shape = default;
        return DataFrame.TryParse(frame.Bytes.Span, out var parsed, out _) && feed.TryResolve(parsed, out shape, out _);
    }

    private long? Measure(ReadOnlySpan<byte> before, in FrameShape shapeBefore, ReadOnlySpan<byte> after, in FrameShape shapeAfter)
    {
        var (total, _) = VolumesIn(before, shapeBefore, isLastWanted: true);
        var (newTotal, own) = VolumesIn(after, shapeAfter, isLastWanted: false);
        return Missed(newTotal - total, own);
    }

    // Without any growth the record is the one before the gap, sent again.
    private static long? Missed(decimal? growth, decimal? own)
    {
        var missed = growth == 0 ? 0 : growth - own;
        return missed is >= 0 and <= long.MaxValue && decimal.IsInteger(missed.Value) ? (long)missed : null;
    }

    // The counts begin anew each day, and need not have gone back by the time of the first record.
    private static DateTime DayOf(in QueuedFrame frame) => KoreaTime.From(frame.ReceivedAt).Date;

    private (decimal? Total, decimal? Own) VolumesIn(ReadOnlySpan<byte> text, in FrameShape shape, bool isLastWanted)
    {
        (decimal?, decimal?) volumes = (null, null);
        if (!DataFrame.TryParse(text, out var frame, out _))
            return volumes;
        var reader = new RecordReader(frame, shape, stackalloc int[RecordReader.ScratchLength(shape)]);
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            if (!FieldText.Trim(fields[feed.KeyColumn]).SequenceEqual(_key))
                continue;
            volumes = (Sum(fields, _cumulative), Sum(fields, _own));
            if (!isLastWanted)
                break;
        }

        return volumes;
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

using KisFeed.Wire;

namespace KisFeed;

/// <summary>Reads from the records of a feed how much was traded: so far today, by the columns that accumulate, and in the record itself.</summary>
internal sealed class RecordVolumes(FeedSchema feed)
{
    private readonly int[] _cumulative = [.. feed.ColumnsWith(ColumnRole.CumulativeVolume)];
    private readonly int[] _own = [.. feed.ColumnsWith(ColumnRole.TradeVolume)];

    /// <summary>Whether the feed has columns that accumulate.</summary>
    public bool HasTotal => _cumulative.Length > 0;

    /// <summary>What was traded today; <see langword="null"/> where the record does not say all of it.</summary>
    public decimal? Total(in RecordFields fields) => Sum(fields, _cumulative);

    /// <summary>What was traded in the record itself.</summary>
    public decimal? Own(in RecordFields fields) => Sum(fields, _own);

    /// <summary>What was traded between two records, the later one's own volume left out; <see langword="null"/> where that cannot be told.</summary>
    /// <param name="growth">By how much the total has grown from the one to the other.</param>
    /// <param name="own">The later one's own volume.</param>
    public static long? Missed(decimal? growth, decimal? own)
    {
        // Without any growth the record is the one before the gap, sent again.
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

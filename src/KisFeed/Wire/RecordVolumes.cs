namespace KisFeed.Wire;

/// <summary>Reads volumes from the records of a feed: the day's cumulative volume and the record's own volume.</summary>
internal sealed class RecordVolumes(FeedSchema feed)
{
    private readonly int[] _cumulative = [.. feed.ColumnsWith(ColumnRole.CumulativeVolume)];
    private readonly int[] _own = [.. feed.ColumnsWith(ColumnRole.TradeVolume)];

    public bool HasTotal => _cumulative.Length > 0;

    /// <summary>The day's volume so far; <see langword="null"/> if the record does not state it completely.</summary>
    public decimal? Total(in RecordFields fields) => Sum(fields, _cumulative);

    public decimal? Own(in RecordFields fields) => Sum(fields, _own);

    /// <summary>
    /// Reads the volumes of a frame's first or last record of a key; a default value if there is none.
    /// </summary>
    /// <param name="text">The frame.</param>
    /// <param name="shape">Its layout.</param>
    /// <param name="receivedAt">When it was received.</param>
    /// <param name="key">The key.</param>
    /// <param name="isLast">Whether to read the last record of the key, rather than the first.</param>
    public VolumeReading Read(ReadOnlySpan<byte> text, in FrameShape shape, DateTimeOffset receivedAt, ReadOnlySpan<byte> key, bool isLast)
    {
        var reading = default(VolumeReading);
        if (!DataFrame.TryParse(text, out var frame, out _))
            return reading;
        var reader = new RecordReader(frame, shape, stackalloc int[RecordReader.ScratchLength(shape)]);
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            if (!feed.KeyOf(fields).SequenceEqual(key))
                continue;
            reading = Read(fields, receivedAt);
            if (!isLast)
                break;
        }

        return reading;
    }

    /// <summary>Reads the volumes of a record.</summary>
    public VolumeReading Read(in RecordFields fields, DateTimeOffset receivedAt) =>
        new(fields.StatedDay?.ToDateTime(default) ?? KoreaTime.From(receivedAt).Date, Total(fields), Own(fields));

    /// <summary>The volume missed between two records; <see langword="null"/> if it cannot be determined.</summary>
    /// <remarks>
    /// The cumulative volume restarts each day, and need not be smaller in the day's first record. So the records must be of one day.
    /// </remarks>
    public static long? Missed(in VolumeReading before, in VolumeReading after) =>
        before.Day == after.Day ? Missed(after.Total - before.Total, after.Own) : null;

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

/// <summary>The volumes that a record states.</summary>
/// <param name="Day">The day that its source states, or on which it was received, in Korea time.</param>
/// <param name="Total">The day's volume so far; <see langword="null"/> if the record does not state it completely.</param>
/// <param name="Own">The record's own volume.</param>
internal readonly record struct VolumeReading(DateTime Day, decimal? Total, decimal? Own);

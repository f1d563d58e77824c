using System.Collections.Frozen;
using System.Collections.Immutable;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Days;

/// <summary>The columns of a feed that are kept for each minute.</summary>
internal sealed class DayColumns
{
    // Kept in addition to prices. These columns have no role, because captures make no bars of them, but they show the
    // day of a bond or of program trading.
    private static readonly FrozenSet<string> s_names = FrozenSet.Create(StringComparer.Ordinal, "Yield", "NetValue", "NetVolume");

    private readonly FeedSchema _feed;

    public DayColumns(FeedSchema feed)
    {
        _feed = feed;
        var volume = feed.Columns.Index().Where(c => c.Item.Role == ColumnRole.TradeVolume).Select(c => (int?)c.Index).FirstOrDefault();
        All = [.. feed.Columns.Index().Where(c => c.Item.IsNumeric && IsKept(c.Item, volume is not null))
            .Select(c => new DayColumn(c.Item.JsonName, c.Index, c.Item.Role == ColumnRole.CumulativeVolume ? volume : null))];
    }

    public ImmutableArray<DayColumn> All { get; }

    public int KeyColumn => _feed.KeyColumn;

    /// <summary>
    /// The exchange time of a record; <see langword="null"/> if it has none, or if the record is malformed. Streams report a malformed
    /// record as <c>malformed</c>, so it must not show here either.
    /// </summary>
    public DateTimeOffset? TimeOf(in RecordFields fields, DateTimeOffset receivedAt) =>
        RecordJson.TryCheck(_feed, fields, out _) ? ExchangeTime.Of(_feed, fields, receivedAt) : null;

    /// <summary>The value of a column, and what it was before the record: a cumulative volume grows by the record's own.</summary>
    public (decimal Value, decimal Before)? ValueOf(in RecordFields fields, in DayColumn column)
    {
        if (NumberOf(fields, column.Index) is not { } value)
            return null;
        var added = column.VolumeIndex is { } index ? NumberOf(fields, index) ?? 0 : 0;
        return (value, added > 0 && added <= value ? value - added : value);
    }

    private static bool IsKept(Column column, bool hasVolume) => column.Role == ColumnRole.Price
        || (column.Role == ColumnRole.CumulativeVolume && hasVolume)
        || s_names.Contains(column.Name);

    private decimal? NumberOf(in RecordFields fields, int index)
    {
        Span<byte> buffer = stackalloc byte[AmountText.MaxLength];
        var text = FieldText.Trim(AmountText.Of(_feed.Columns[index], fields, index, buffer));
        return FieldText.TryReadDecimal(text, out var value, out _) ? value : null;
    }
}

/// <summary>A column that is kept for each minute.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Index">Its position in a record.</param>
/// <param name="VolumeIndex">The position of what each record adds to it; <see langword="null"/> if it is not cumulative.</param>
internal readonly record struct DayColumn(string Name, int Index, int? VolumeIndex);

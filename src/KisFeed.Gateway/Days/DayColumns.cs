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
        All = [.. feed.Columns.Index().Where(c => c.Item.IsNumeric && (c.Item.Role == ColumnRole.Price || s_names.Contains(c.Item.Name)))
            .Select(c => (c.Item.JsonName, c.Index))];
    }

    public ImmutableArray<(string Name, int Index)> All { get; }

    public int KeyColumn => _feed.KeyColumn;

    /// <summary>
    /// The exchange time of a record; <see langword="null"/> if it has none, or if the record is malformed. Streams report a malformed
    /// record as <c>malformed</c>, so it must not show here either.
    /// </summary>
    public DateTimeOffset? TimeOf(in RecordFields fields, DateTimeOffset receivedAt) =>
        RecordJson.TryCheck(_feed, fields, out _) ? ExchangeTime.Of(_feed, fields, receivedAt) : null;

    public decimal? ValueOf(in RecordFields fields, int index)
    {
        Span<byte> buffer = stackalloc byte[AmountText.MaxLength];
        var text = FieldText.Trim(AmountText.Of(_feed.Columns[index], fields, index, buffer));
        return FieldText.TryReadDecimal(text, out var value, out _) ? value : null;
    }
}

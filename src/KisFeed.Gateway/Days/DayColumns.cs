using System.Collections.Frozen;
using System.Collections.Immutable;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>The columns of a feed that are followed over a day.</summary>
internal sealed class DayColumns
{
    // Beside prices. They have no role, since no bars of a capture are made of them; but they are what a day of a bond, and of program trading, looks like.
    private static readonly FrozenSet<string> s_names = FrozenSet.Create(StringComparer.Ordinal, "Yield", "NetValue", "NetVolume");

    private readonly FeedSchema _feed;

    /// <summary>Those of a feed.</summary>
    public DayColumns(FeedSchema feed)
    {
        _feed = feed;
        All = [.. feed.Columns.Index().Where(c => c.Item.IsNumeric && (c.Item.Role == ColumnRole.Price || s_names.Contains(c.Item.Name))).Select(c => (c.Item.JsonName, c.Index))];
    }

    /// <summary>Their names, and where they stand in a record.</summary>
    public ImmutableArray<(string Name, int Index)> All { get; }

    /// <summary>Where a record's key stands.</summary>
    public int KeyColumn => _feed.KeyColumn;

    /// <summary>When a record happened; <see langword="null"/> where it does not say so, or cannot be read: streams are told of such a record as <c>malformed</c>, so nothing of it is to be seen here either.</summary>
    public DateTimeOffset? TimeOf(in RecordFields fields, DateTimeOffset receivedAt) => RecordJson.TryCheck(_feed, fields, out _) ? KoreaTime.Of(_feed, fields, receivedAt) : null;

    /// <summary>The value of a column; <see langword="null"/> where there is none.</summary>
    public static decimal? ValueOf(in RecordFields fields, int index) => FieldText.TryReadDecimal(FieldText.Trim(fields[index]), out var value, out _) ? value : null;
}

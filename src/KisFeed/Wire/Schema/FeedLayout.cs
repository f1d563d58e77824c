using System.Collections.Immutable;

namespace KisFeed.Wire;

/// <summary>
/// One revision of a feed's layout: what stands in each column of a record of a given width.
/// Revisions of one feed are told apart by their width alone, since the broker sends no version.
/// </summary>
public sealed class FeedLayout
{
    /// <summary>The widest record a layout may describe: what notes the columns' offsets fits a stack.</summary>
    public const int MaxWidth = 512;

    private readonly ImmutableArray<int> _positions;
    private readonly ImmutableArray<int> _extraPositions;

    private FeedLayout(int width, int columnCount, ImmutableArray<int> positions, ImmutableArray<Column> extraColumns, ImmutableArray<int> extraPositions)
    {
        Width = width;
        ColumnCount = columnCount;
        _positions = positions;
        ExtraColumns = extraColumns;
        _extraPositions = extraPositions;
    }

    /// <summary>Columns in one record on the wire.</summary>
    public int Width { get; }

    /// <summary>Columns of the feed's record type.</summary>
    public int ColumnCount { get; }

    /// <summary>Columns of this layout that the feed's record type does not have, in wire order.</summary>
    public ImmutableArray<Column> ExtraColumns { get; }

    /// <summary>Whether the record type's columns stand first and in order, so that nothing needs to be looked up.</summary>
    public bool IsSequential => _positions.IsDefault;

    /// <summary>The first <paramref name="columns"/> columns of the record type, in order, and nothing else.</summary>
    public static FeedLayout Sequential(int columns) => Appended(columns, []);

    /// <summary>The record type's columns in order, followed by <paramref name="appended"/>.</summary>
    public static FeedLayout Appended(int columns, ImmutableArray<Column> appended)
    {
        var width = columns + appended.Length;
        CheckWidth(width);
        return new FeedLayout(width, columns, default, appended, [.. Enumerable.Range(columns, appended.Length)]);
    }

    /// <summary>
    /// A layout given column by column as it stands on the wire. Columns of the record type are recognised by their element name;
    /// those that are missing are absent from records, those that the record type lacks are extra.
    /// </summary>
    /// <exception cref="ArgumentException">An element stands twice, or the layout is empty or too wide.</exception>
    public static FeedLayout Of(ImmutableArray<Column> recordColumns, ImmutableArray<Column> wireColumns)
    {
        CheckWidth(wireColumns.Length);
        var positions = new int[recordColumns.Length];
        Array.Fill(positions, -1);
        var extra = ImmutableArray.CreateBuilder<Column>();
        var extraPositions = ImmutableArray.CreateBuilder<int>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var wire = 0; wire < wireColumns.Length; wire++)
        {
            var column = wireColumns[wire];
            if (!seen.Add(column.Element))
                throw new ArgumentException($"the element {column.Element} stands twice in a layout of {wireColumns.Length} columns", nameof(wireColumns));
            var known = IndexOf(recordColumns, column.Element);
            if (known >= 0)
            {
                positions[known] = wire;
            }
            else
            {
                extra.Add(column);
                extraPositions.Add(wire);
            }
        }

        var sequential = positions.Index().All(p => p.Item == p.Index);
        return new FeedLayout(
            wireColumns.Length,
            recordColumns.Length,
            sequential ? default : [.. positions],
            extra.ToImmutable(),
            extraPositions.ToImmutable());
    }

    /// <summary>Where the record type's column stands on the wire, or -1 where this revision lacks it.</summary>
    public int PositionOf(int column) => _positions.IsDefault ? column : _positions[column];

    /// <summary>Where the extra column stands on the wire.</summary>
    public int PositionOfExtra(int extra) => _extraPositions[extra];

    private static int IndexOf(ImmutableArray<Column> columns, string element)
    {
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i].Element.Equals(element, StringComparison.OrdinalIgnoreCase))
                return i;
        }

        return -1;
    }

    private static void CheckWidth(int width)
    {
        if (width is < 1 or > MaxWidth)
            throw new ArgumentException($"a layout has 1 to {MaxWidth} columns, not {width}", nameof(width));
    }
}

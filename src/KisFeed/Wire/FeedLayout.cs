using System.Collections.Immutable;

namespace KisFeed.Wire;

/// <summary>
/// One revision of a feed's layout: the columns of a record of a given width. Revisions of a feed are distinguished by width only,
/// because the broker sends no version.
/// </summary>
public sealed class FeedLayout
{
    /// <summary>The maximum number of columns of a layout. It keeps buffers for column offsets small enough for the stack.</summary>
    public const int MaxWidth = 512;

    private readonly ImmutableArray<int> _positions;
    private readonly ImmutableArray<int> _extraPositions;

    private readonly PriceScales? _scales;
    private readonly int _scaleKey;

    private FeedLayout(FeedLayout layout, PriceScales? scales, int keyColumn)
    {
        Width = layout.Width;
        ColumnCount = layout.ColumnCount;
        _positions = layout._positions;
        ExtraColumns = layout.ExtraColumns;
        _extraPositions = layout._extraPositions;
        LeadingColumns = layout.LeadingColumns;
        IsLeading = layout.IsLeading;
        _scales = scales;
        _scaleKey = keyColumn;
    }

    private FeedLayout(
        int width, int columnCount, ImmutableArray<int> positions, ImmutableArray<Column> extraColumns, ImmutableArray<int> extraPositions)
    {
        Width = width;
        ColumnCount = columnCount;
        _positions = positions;
        ExtraColumns = extraColumns;
        _extraPositions = extraPositions;
        LeadingColumns = positions.IsDefault ? columnCount : positions.TakeWhile((position, column) => position == column).Count();
        IsLeading = positions.IsDefault || positions.Skip(LeadingColumns).All(position => position < 0);
    }

    /// <summary>The number of columns of a record on the wire.</summary>
    public int Width { get; }

    /// <summary>The number of columns of the feed's record type.</summary>
    public int ColumnCount { get; }

    /// <summary>Columns of this layout that the feed's record type does not have, in wire order.</summary>
    public ImmutableArray<Column> ExtraColumns { get; }

    /// <summary>Whether the record type's columns come first and in order, so that no lookup is needed.</summary>
    public bool IsSequential => _positions.IsDefault;

    /// <summary>The number of the record type's columns that come first and in order; the others need a lookup.</summary>
    internal int LeadingColumns { get; }

    /// <summary>
    /// Whether all of the record type's columns that this layout has come first and in order: it lacks only the last ones.
    /// </summary>
    internal bool IsLeading { get; }

    /// <summary>Creates a layout of the first <paramref name="columns"/> columns of the record type, in order.</summary>
    public static FeedLayout Sequential(int columns) => Appended(columns, []);

    /// <summary>Creates a layout of the record type's columns in order, followed by <paramref name="appended"/>.</summary>
    public static FeedLayout Appended(int columns, ImmutableArray<Column> appended)
    {
        var width = columns + appended.Length;
        CheckWidth(width);
        return new FeedLayout(width, columns, default, appended, [.. Enumerable.Range(columns, appended.Length)]);
    }

    /// <summary>
    /// Creates a layout from all columns in wire order. Columns of the record type are recognized by their element name; missing ones are
    /// absent from records, and columns that the record type does not have are extra.
    /// </summary>
    /// <exception cref="ArgumentException">An element occurs twice, or the layout is empty or too wide.</exception>
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
            {
                throw new ArgumentException(
                    $"the element {column.Element} occurs twice in a layout of {wireColumns.Length} columns", nameof(wireColumns));
            }
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

    /// <summary>The position of a record type's column on the wire, or -1 if this revision does not have it.</summary>
    public int PositionOf(int column) => _positions.IsDefault ? column : _positions[column];

    /// <summary>
    /// The decimal places by which the scaled columns of a record are sent too large; <see langword="null"/> if they are not known.
    /// </summary>
    internal int? PriceScaleOf(in RecordFields fields) => _scales?.PlacesOf(FieldText.Trim(fields[_scaleKey]));

    /// <summary>This layout for a feed whose prices are scaled by its contracts.</summary>
    /// <param name="scales">The decimal places; <see langword="null"/> if they are not known.</param>
    /// <param name="keyColumn">The column with the code of the contract.</param>
    internal FeedLayout WithPriceScales(PriceScales? scales, int keyColumn) =>
        ReferenceEquals(_scales, scales) && (scales is null || _scaleKey == keyColumn) ? this : new(this, scales, keyColumn);

    internal ImmutableArray<Column> WireColumns(ImmutableArray<Column> recordColumns)
    {
        var wire = new Column[Width];
        for (var i = 0; i < recordColumns.Length; i++)
        {
            if (PositionOf(i) is >= 0 and var position)
                wire[position] = recordColumns[i];
        }

        for (var i = 0; i < ExtraColumns.Length; i++)
            wire[PositionOfExtra(i)] = ExtraColumns[i];
        return [.. wire];
    }

    /// <summary>The position of an extra column on the wire.</summary>
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
            throw new ArgumentException($"a layout must have 1 to {MaxWidth} columns, not {width}", nameof(width));
    }
}

/// <summary>How the records of one frame are read: their layout, and the day that their times belong to if the source states it.</summary>
/// <param name="Layout">The revision that names the columns.</param>
/// <param name="Width">The number of columns of each record on the wire; more than the layout's if the broker has appended some.</param>
/// <param name="Count">The number of records in the frame.</param>
/// <param name="HasSurplusSeparator">Whether the frame ends with a separator that belongs to no record.</param>
public readonly record struct FrameShape(FeedLayout Layout, int Width, int Count, bool HasSurplusSeparator)
{
    private readonly DateOnly _statedDay;

    /// <summary>
    /// The trading day that the source states for the records, which have times of day: that of a simulated or replayed market;
    /// <see langword="null"/> for live data.
    /// </summary>
    public DateOnly? StatedDay
    {
        get => _statedDay == default ? null : _statedDay;
        init => _statedDay = value ?? default;
    }

    /// <summary>Whether records are wider than any known revision, so that their last columns have no name.</summary>
    public bool IsUnknownWidth => Width != Layout.Width;
}

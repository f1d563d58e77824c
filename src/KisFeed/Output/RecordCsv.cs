using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using KisFeed.Wire;

namespace KisFeed.Output;

/// <summary>
/// Writes records as rows of RFC 4180 in UTF-8, directly from their fields: the columns of the record type, the extra columns named by the
/// feed's layouts, and one column <c>extra</c> with the unnamed ones, <c>^</c>-separated. Absent values are empty; numbers keep their scale
/// as sent. Allocates nothing per row. Not thread-safe.
/// </summary>
public sealed class RecordCsv
{
    private readonly NameStyle _names;
    private readonly ImmutableArray<int> _present;
    private readonly bool _hasPriceScale;
    private readonly Cell[] _cells;
    private readonly Column[] _extra;
    private readonly List<LayoutCells> _layouts;

    /// <summary>Creates a writer for the records of one feed.</summary>
    public RecordCsv(FeedSchema feed, NameStyle names)
    {
        ArgumentNullException.ThrowIfNull(feed);
        _names = names;
        _present = feed.PresentColumns;
        _cells = [.. _present.Select(i => CellOf(feed.Columns[i]))];
        _extra = [.. feed.Layouts.SelectMany(l => l.ExtraColumns).DistinctBy(c => c.Element, StringComparer.OrdinalIgnoreCase)];
        _layouts = [.. feed.Layouts.Select(CellsOf)];
        _hasPriceScale = feed.HasScaledPrices;
        Columns = [.. _present.Select(i => feed.Columns[i]), .. _hasPriceScale ? [Column.PriceScale] : Array.Empty<Column>(), .. _extra];
    }

    /// <summary>
    /// Whether cells are safe for spreadsheets and terminals: a text that a spreadsheet would run as a formula begins with <c>'</c>, and
    /// control characters are replaced by their symbols (<c>␛</c>). Default <see langword="false"/>: texts are as sent.
    /// </summary>
    public bool EscapesFormulas { get; init; }

    /// <summary>The line end of a row.</summary>
    public static ReadOnlySpan<byte> LineEnd => "\r\n"u8;

    /// <summary>The columns with a cell of their own, in the order of the cells; <c>extra</c> follows them.</summary>
    public IReadOnlyList<Column> Columns { get; }

    /// <summary>The names of the columns.</summary>
    public IEnumerable<string> Header => Columns.Select(c => _names == NameStyle.Kis ? c.Element : c.JsonName).Append("extra");

    /// <summary>Writes a row without a line end, for a record of the feed that has passed <see cref="RecordJson.TryCheck"/>.</summary>
    public void WriteRow(IBufferWriter<byte> output, in RecordFields fields)
    {
        ArgumentNullException.ThrowIfNull(output);
        var layout = CellsFor(fields.Layout);
        var row = new CsvRowWriter(
            output.GetSpan((fields.Text.Length * CsvRowWriter.Growth(EscapesFormulas)) + layout.Overhead), EscapesFormulas);
        Span<byte> buffer = stackalloc byte[AmountText.MaxLength];
        for (var i = 0; i < _cells.Length; i++)
        {
            var field = _cells[i].Amount is { } amount ? AmountText.Of(amount, fields, _present[i], buffer) : fields[_present[i]];
            Write(ref row, _cells[i], field);
            row.Separate();
        }

        if (_hasPriceScale)
        {
            if (fields.PriceScale is { } places && places.TryFormat(buffer, out var length, default, CultureInfo.InvariantCulture))
                row.Plain(buffer[..length]);
            row.Separate();
        }

        foreach (var cell in layout.Extra)
        {
            if (cell is { } named)
                Write(ref row, named, fields.Extra(named.Extra));
            row.Separate();
        }

        row.Text(fields.Unnamed);
        output.Advance(row.Length);
    }

    /// <summary>Writes the names of the columns without a line end.</summary>
    public void WriteHeader(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        foreach (var (i, name) in Header.Index())
        {
            if (i > 0)
                output.Write(","u8);
            WriteText(output, Encoding.UTF8.GetBytes(name));
        }
    }

    /// <summary>Writes a UTF-8 text, quoted if RFC 4180 requires it.</summary>
    /// <param name="output">Receives the text.</param>
    /// <param name="utf8">The text.</param>
    /// <param name="escapesFormulas">See <see cref="EscapesFormulas"/>.</param>
    public static void WriteText(IBufferWriter<byte> output, ReadOnlySpan<byte> utf8, bool escapesFormulas = false)
    {
        ArgumentNullException.ThrowIfNull(output);
        var cell = new CsvRowWriter(
            output.GetSpan((utf8.Length * CsvRowWriter.Growth(escapesFormulas)) + CsvRowWriter.CellOverhead), escapesFormulas);
        cell.Text(utf8);
        output.Advance(cell.Length);
    }

    private static void Write(ref CsvRowWriter row, scoped in Cell cell, scoped ReadOnlySpan<byte> field)
    {
        var text = FieldText.Trim(field);
        if (FieldText.IsAbsent(text, cell.Type))
            return;
        if (cell.IsNumeric && NumberText.TryParse(text, out var number))
        {
            row.Number(number, cell.Type);
            return;
        }

        foreach (var (code, name) in cell.Codes)
        {
            if (text.SequenceEqual(code))
            {
                row.Plain(name);
                return;
            }
        }

        row.Text(text);
    }

    // A layout file that was added twice has each layout twice.
    private LayoutCells CellsFor(FeedLayout layout)
    {
        foreach (var known in _layouts)
        {
            if (ReferenceEquals(known.Layout, layout))
                return known;
        }

        var cells = CellsOf(layout);
        _layouts.Add(cells);
        return cells;
    }

    private LayoutCells CellsOf(FeedLayout layout)
    {
        var extra = new Cell?[_extra.Length];
        foreach (var (i, column) in layout.ExtraColumns.Index())
        {
            var place = Array.FindIndex(_extra, c => c.Element.Equals(column.Element, StringComparison.OrdinalIgnoreCase));
            if (place >= 0)
                extra[place] = CellOf(column) with { Extra = i };
        }

        var names = _cells.Concat(extra.OfType<Cell>()).SelectMany(c => c.Codes).Sum(c => c.Name.Length);
        var amounts = _cells.Count(c => c.Amount is not null) * AmountText.MaxGrowth;
        return new LayoutCells(layout, extra, ((_cells.Length + extra.Length + 2) * CsvRowWriter.CellOverhead) + names + amounts);
    }

    private Cell CellOf(Column column)
    {
        var isCompleted = _names == NameStyle.English && (column.SignColumn >= 0 || column.IsScaled);
        return new(column.Type, column.IsNumeric, CodesOf(column), 0, isCompleted ? column : null);
    }

    private (byte[] Code, byte[] Name)[] CodesOf(Column column) =>
        _names == NameStyle.English && column.Type == ColumnType.Code
            ? [.. column.Codes.Select(c => (Encoding.UTF8.GetBytes(c.Key), Encoding.UTF8.GetBytes(c.Value.JsonName)))]
            : [];

    /// <summary>The output plan for the records of a layout.</summary>
    /// <param name="Layout">The layout.</param>
    /// <param name="Extra">The cell of each extra column that a layout names; none if this layout does not have it.</param>
    /// <param name="Overhead">The maximum size of a row in addition to its text, which may grow by
    /// <see cref="CsvRowWriter.Growth"/>.</param>
    private sealed record LayoutCells(FeedLayout Layout, Cell?[] Extra, int Overhead);

    /// <summary>The output plan for a column.</summary>
    /// <param name="Type">The type of the column.</param>
    /// <param name="IsNumeric">Whether the column is a number.</param>
    /// <param name="Codes">The codes that are written by name.</param>
    /// <param name="Extra">For an extra column, its number among those of its layout.</param>
    /// <param name="Amount">
    /// The column, if its amounts are sent without their minus or decimal point and are completed; otherwise <see langword="null"/>.
    /// </param>
    private readonly record struct Cell(ColumnType Type, bool IsNumeric, (byte[] Code, byte[] Name)[] Codes, int Extra, Column? Amount);
}

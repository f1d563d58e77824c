using System.ComponentModel;

namespace KisFeed.Wire;

/// <summary>The fields of one member of a group, numbered in the order of its properties. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly ref struct GroupFields
{
    private readonly RecordCells _cells;
    private readonly ReadOnlySpan<short> _columns;

    internal GroupFields(RecordCells cells, ReadOnlySpan<short> columns)
    {
        _cells = cells;
        _columns = columns;
    }

    /// <summary>Reads a text.</summary>
    public string? Text(int field) => _columns[field] is >= 0 and var text ? _cells.Texts[text] : null;

    /// <summary>Reads a number with its scale.</summary>
    public decimal? Decimal(int field) =>
        _columns[field] is >= 0 and var column
            ? FieldValue.ToDecimal(_cells.Values[column], _cells.Forms[column], _cells.Apart, column)
            : null;

    /// <summary>Reads a whole number.</summary>
    public long? Integer(int field) =>
        _columns[field] is >= 0 and var column ? FieldValue.ToInteger(_cells.Values[column], _cells.Forms[column]) : null;

    /// <summary>Reads a time of day.</summary>
    public TimeOnly? Time(int field) =>
        _columns[field] is >= 0 and var column ? FieldValue.ToTime(_cells.Values[column], _cells.Forms[column]) : null;

    /// <summary>Reads a date.</summary>
    public DateOnly? Date(int field) =>
        _columns[field] is >= 0 and var column ? FieldValue.ToDate(_cells.Values[column], _cells.Forms[column]) : null;

    /// <summary>Reads a code.</summary>
    public ulong? Code(int field) =>
        _columns[field] is >= 0 and var column ? FieldValue.ToCode(_cells.Values[column], _cells.Forms[column]) : null;
}

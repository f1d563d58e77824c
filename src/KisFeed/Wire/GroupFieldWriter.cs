using System.ComponentModel;

namespace KisFeed.Wire;

/// <summary>Writes the fields of one member of a group. A field that the feed does not have is not written. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly ref struct GroupFieldWriter
{
    private readonly Span<ulong> _values;
    private readonly Span<byte> _forms;
    private readonly Span<string?> _texts;
    private readonly ref decimal[]? _apart;
    private readonly ReadOnlySpan<short> _columns;

    internal GroupFieldWriter(Span<ulong> values, Span<byte> forms, Span<string?> texts, ref decimal[]? apart, ReadOnlySpan<short> columns)
    {
        _values = values;
        _forms = forms;
        _texts = texts;
        _apart = ref apart;
        _columns = columns;
    }

    /// <summary>Writes a text.</summary>
    public void Text(int field, string? value)
    {
        if (_columns[field] is >= 0 and var text)
            _texts[text] = value;
    }

    /// <summary>Writes a number with its scale.</summary>
    public void Decimal(int field, decimal? value)
    {
        if (_columns[field] is >= 0 and var column)
            FieldValue.Set(value, ref _values[column], ref _forms[column], ref _apart, column);
    }

    /// <summary>Writes a whole number.</summary>
    public void Integer(int field, long? value)
    {
        if (_columns[field] is >= 0 and var column)
            FieldValue.Set(value, ref _values[column], ref _forms[column]);
    }

    /// <summary>Writes a time of day.</summary>
    public void Time(int field, TimeOnly? value)
    {
        if (_columns[field] is >= 0 and var column)
            FieldValue.Set(value, ref _values[column], ref _forms[column]);
    }

    /// <summary>Writes a date.</summary>
    public void Date(int field, DateOnly? value)
    {
        if (_columns[field] is >= 0 and var column)
            FieldValue.Set(value, ref _values[column], ref _forms[column]);
    }

    /// <summary>Writes a code.</summary>
    public void Code(int field, ulong? value)
    {
        if (_columns[field] is >= 0 and var column)
            FieldValue.Set(value, ref _values[column], ref _forms[column]);
    }
}

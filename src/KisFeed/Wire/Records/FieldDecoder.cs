using System.Buffers;
using System.Collections.Immutable;

namespace KisFeed.Wire;

/// <summary>
/// Reads the columns of one record for a generated decoder. The first column that cannot be read is remembered, and the record is then
/// not delivered; the columns behind it are not looked at.
/// </summary>
public ref struct FieldDecoder
{
    private readonly RecordFields _fields;
    private readonly ImmutableArray<Column> _columns;
    private readonly TextPool _texts;
    private FrameError _error;

    /// <summary>Begins with the first column.</summary>
    public FieldDecoder(RecordFields fields, ImmutableArray<Column> columns, TextPool texts)
    {
        _fields = fields;
        _columns = columns;
        _texts = texts;
        _error = default;
    }

    /// <summary>Whether every column so far could be read; if not, what is wrong.</summary>
    public readonly bool Succeeded(out FrameError error)
    {
        error = _error;
        return error.Kind == FrameErrorKind.None;
    }

    /// <summary>A text; empty where absent.</summary>
    public string Text(int column) => TextOrNull(column) ?? "";

    /// <summary>A text; <see langword="null"/> where absent.</summary>
    public string? TextOrNull(int column)
    {
        var field = FieldText.Trim(_fields[column]);
        if (_error.Kind != FrameErrorKind.None || FieldText.IsAbsent(field))
            return null;
        if (_texts.TryGet(field, out var text))
            return text;
        Fail(column, FrameErrorKind.InvalidUtf8);
        return null;
    }

    /// <summary>A number with its scale; <see langword="null"/> where absent.</summary>
    public decimal? Decimal(int column)
    {
        var field = FieldText.Trim(_fields[column]);
        if (_error.Kind != FrameErrorKind.None || FieldText.IsAbsentValue(field))
            return null;
        if (FieldText.TryReadDecimal(field, out var value, out var error))
            return value;
        Fail(column, error);
        return null;
    }

    /// <summary>A whole number; <see langword="null"/> where absent.</summary>
    public long? Integer(int column)
    {
        var field = FieldText.Trim(_fields[column]);
        if (_error.Kind != FrameErrorKind.None || FieldText.IsAbsentValue(field))
            return null;
        if (FieldText.TryReadInteger(field, out var value, out var error))
            return value;
        Fail(column, error);
        return null;
    }

    /// <summary>A time of day; <see langword="null"/> where absent.</summary>
    public TimeOnly? Time(int column)
    {
        var field = FieldText.Trim(_fields[column]);
        if (_error.Kind != FrameErrorKind.None || FieldText.IsAbsentValue(field))
            return null;
        if (FieldText.TryReadTime(field, out var value, out var error))
            return value;
        Fail(column, error);
        return null;
    }

    /// <summary>A code as the number that code enums use; <see langword="null"/> where absent.</summary>
    public ulong? Code(int column)
    {
        var field = FieldText.Trim(_fields[column]);
        if (_error.Kind != FrameErrorKind.None || FieldText.IsAbsent(field))
            return null;
        if (FieldText.TryReadCode(field, out var value, out var error))
            return value;
        Fail(column, error);
        return null;
    }

    /// <summary>The columns that the record type does not have.</summary>
    public ExtraColumns Extra()
    {
        if (_error.Kind != FrameErrorKind.None || _fields.ExtraCount == 0 || !_fields.TryCheckExtra(out _error))
            return default;
        if (!_fields.TryGetContiguousExtra(out var utf8))
            return Gather();
        return Pool(utf8);
    }

    private readonly ExtraColumns Gather()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var named = _fields.Layout.ExtraColumns.Length;
        for (var i = 0; i < named; i++)
        {
            if (i > 0)
                buffer.Write("^"u8);
            buffer.Write(_fields.Extra(i));
        }

        if (named > 0 && _fields.UnnamedCount > 0)
            buffer.Write("^"u8);
        buffer.Write(_fields.Unnamed);

        return Pool(buffer.WrittenSpan);
    }

    private readonly ExtraColumns Pool(ReadOnlySpan<byte> utf8)
    {
        // Each column has been checked by now, and the separators between them are ASCII.
        _ = _texts.TryGet(utf8, out var text);
        return new ExtraColumns(text, _fields.Layout);
    }

    private void Fail(int column, FrameErrorKind kind) =>
        _error = new FrameError(kind, _fields.OffsetOf(column)) { Record = _fields.Record, Column = _columns[column] };
}

using System.Buffers;
using System.Buffers.Binary;
using KisFeed.Wire;

namespace KisFeed.PostgreSql.Rows;

/// <summary>
/// Rows in the binary format of <c>COPY</c>. Values are written from the text of the fields, so a number keeps its scale and no string is created. A field must be
/// valid for its type.
/// </summary>
internal sealed class CopyRows
{
    private const int TextOid = 25;
    private const int Int8Oid = 20;
    private const int NumericOid = 1700;
    private const int TimeOid = 1083;
    private const int DateOid = 1082;

    private const int NumericGroup = 4; // PostgreSQL stores numbers in groups of four decimal digits.
    private const short NegativeSign = 0x4000;
    private const long TicksPerMicrosecond = 10;

    private static readonly long s_epochTicks = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
    private static readonly int s_epochDay = new DateOnly(2000, 1, 1).DayNumber;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    public CopyRows() => Clear();

    /// <summary>The number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>The rows and their header, without the trailer.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    /// <summary>What follows the last row.</summary>
    public static ReadOnlyMemory<byte> Trailer { get; } = new byte[] { 0xff, 0xff };

    public void Clear()
    {
        _bytes.ResetWrittenCount();
        Count = 0;
        _bytes.Write("PGCOPY\n"u8);
        _bytes.Write((ReadOnlySpan<byte>)[0xff, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    public void BeginRow(int columns)
    {
        Count++;
        WriteInt16((short)columns);
    }

    public void WriteNull() => WriteInt32(-1);

    public void Write(long? value)
    {
        if (value is { } number)
            WriteSized(number);
        else
            WriteNull();
    }

    public void Write(short value)
    {
        WriteInt32(sizeof(short));
        WriteInt16(value);
    }

    public void Write(int value)
    {
        WriteInt32(sizeof(int));
        WriteInt32(value);
    }

    public void Write(DateOnly value) => Write(value.DayNumber - s_epochDay);

    // PostgreSQL keeps microseconds.
    public void Write(DateTimeOffset? value)
    {
        if (value is { } at)
            WriteSized((at.UtcTicks - s_epochTicks) / TicksPerMicrosecond);
        else
            WriteNull();
    }

    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteInt32(value.Length);
        _bytes.Write(value);
    }

    /// <summary>Writes a text without zero bytes, which PostgreSQL cannot store.</summary>
    public void WriteText(string? value)
    {
        if (value is null)
            WriteNull();
        else
            WriteBytes(System.Text.Encoding.UTF8.GetBytes(value.Replace("\0", "", StringComparison.Ordinal)));
    }

    /// <summary>Writes a field; an absent value is NULL.</summary>
    public void WriteField(ReadOnlySpan<byte> field, ColumnType type)
    {
        var text = FieldText.Trim(field);
        if (FieldText.IsAbsent(text, type))
        {
            WriteNull();
            return;
        }

        switch (type)
        {
            case ColumnType.Integer:
                _ = FieldText.TryReadInteger(text, out var integer, out _) ? true : throw Unchecked();
                WriteSized(integer);
                break;
            case ColumnType.Decimal:
                WriteNumeric(text);
                break;
            case ColumnType.Time:
                _ = FieldText.TryReadTime(text, out var time, out _) ? true : throw Unchecked();
                WriteSized(time.Ticks / TicksPerMicrosecond);
                break;
            case ColumnType.Date:
                _ = FieldText.TryReadDate(text, out var date, out _) ? true : throw Unchecked();
                Write(date);
                break;
            default:
                WriteBytes(text);
                break;
        }
    }

    /// <summary>Begins an array, whose elements follow as fields. Returns a mark for <see cref="EndArray"/>.</summary>
    public int BeginArray(ColumnType type, int length)
    {
        var mark = _bytes.WrittenCount;
        WriteInt32(0);
        WriteInt32(1); // Dimensions.
        WriteInt32(1); // There may be NULLs.
        WriteInt32(type switch
        {
            ColumnType.Integer => Int8Oid,
            ColumnType.Decimal => NumericOid,
            ColumnType.Time => TimeOid,
            ColumnType.Date => DateOid,
            _ => TextOid,
        });
        WriteInt32(length);
        WriteInt32(1); // The index of the first element.
        return mark;
    }

    public void EndArray(int mark) => WriteLength(mark);

    // numeric = number of groups, weight of the first group, sign, scale, groups.
    private void WriteNumeric(ReadOnlySpan<byte> text)
    {
        if (!NumberText.TryParse(text, out var number))
            throw Unchecked();
        var integer = number.Integer;
        var fraction = number.Fraction;
        var integerGroups = (integer.Length + NumericGroup - 1) / NumericGroup;
        var fractionGroups = (fraction.Length + NumericGroup - 1) / NumericGroup;
        Span<short> groups = stackalloc short[integerGroups + fractionGroups];
        for (var i = 0; i < integerGroups; i++)
        {
            var end = integer.Length - ((integerGroups - 1 - i) * NumericGroup);
            groups[i] = Group(integer[Math.Max(0, end - NumericGroup)..end], 0);
        }

        for (var i = 0; i < fractionGroups; i++)
        {
            var start = i * NumericGroup;
            groups[integerGroups + i] = Group(fraction[start..Math.Min(fraction.Length, start + NumericGroup)], NumericGroup);
        }

        var leading = groups.IndexOfAnyExcept((short)0);
        var count = leading < 0 ? 0 : groups.LastIndexOfAnyExcept((short)0) + 1 - leading;
        WriteInt32((4 + count) * sizeof(short));
        WriteInt16((short)count);
        WriteInt16((short)(count == 0 ? 0 : integerGroups - 1 - leading));
        WriteInt16(number.IsNegative && count > 0 ? NegativeSign : (short)0);
        WriteInt16((short)fraction.Length);
        for (var i = 0; i < count; i++)
            WriteInt16(groups[leading + i]);
    }

    // The digits of a fraction are at the front of their group.
    private static short Group(ReadOnlySpan<byte> digits, int width)
    {
        var value = 0;
        foreach (var digit in digits)
            value = (value * 10) + (digit - '0');
        for (var i = digits.Length; i < width; i++)
            value *= 10;
        return (short)value;
    }

    private void WriteLength(int mark)
    {
        // The writer gives access to its bytes only for reading.
        var length = _bytes.WrittenCount - mark - sizeof(int);
        if (!System.Runtime.InteropServices.MemoryMarshal.TryGetArray(_bytes.WrittenMemory, out var array))
            throw new InvalidOperationException("the buffer is not an array");
        BinaryPrimitives.WriteInt32BigEndian(array.AsSpan(mark), length);
    }

    private void WriteSized(long value)
    {
        var span = _bytes.GetSpan(sizeof(int) + sizeof(long));
        BinaryPrimitives.WriteInt32BigEndian(span, sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(span[sizeof(int)..], value);
        _bytes.Advance(sizeof(int) + sizeof(long));
    }

    private void WriteInt16(short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(_bytes.GetSpan(sizeof(short)), value);
        _bytes.Advance(sizeof(short));
    }

    private void WriteInt32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes.GetSpan(sizeof(int)), value);
        _bytes.Advance(sizeof(int));
    }

    private static InvalidOperationException Unchecked() => new("the record must be checked before it is written");
}

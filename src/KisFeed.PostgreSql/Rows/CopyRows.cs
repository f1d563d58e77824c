using System.Buffers.Binary;
using KisFeed.Wire;

namespace KisFeed.PostgreSql.Rows;

/// <summary>
/// Rows in the binary format of <c>COPY</c>. Values are checked and written from the text of the fields, so a number keeps
/// its scale and no string is created.
/// </summary>
internal sealed class CopyRows
{
    private const int TextOid = 25;
    private const int Int8Oid = 20;
    private const int NumericOid = 1700;
    private const int TimeOid = 1083;
    private const int DateOid = 1082;

    private const short NegativeSign = 0x4000;
    private const long TicksPerMicrosecond = 10;

    private static readonly long s_epochTicks = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
    private static readonly int s_epochDay = new DateOnly(2000, 1, 1).DayNumber;

    private static ReadOnlySpan<ushort> PowersOfTen => [1, 10, 100, 1000];

    private byte[] _buffer = new byte[1024];
    private int _length;

    public CopyRows() => Clear();

    /// <summary>The number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>The rows and their header, without the trailer.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>What follows the last row.</summary>
    public static ReadOnlyMemory<byte> Trailer { get; } = new byte[] { 0xff, 0xff };

    public void Clear()
    {
        _length = 0;
        Count = 0;
        "PGCOPY\n"u8.CopyTo(Take(7));
        ((ReadOnlySpan<byte>)[0xff, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0]).CopyTo(Take(12));
    }

    /// <summary>Begins a row, and returns a mark for <see cref="CancelRow"/>.</summary>
    public int BeginRow(int columns)
    {
        var mark = _length;
        Count++;
        WriteInt16((short)columns);
        return mark;
    }

    /// <summary>Removes the last row, which may be incomplete.</summary>
    public void CancelRow(int mark)
    {
        _length = mark;
        Count--;
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
        value.CopyTo(Take(value.Length));
    }

    /// <summary>Writes a text without zero bytes, which PostgreSQL cannot store.</summary>
    public void WriteText(string? value)
    {
        if (value is null)
            WriteNull();
        else
            WriteBytes(System.Text.Encoding.UTF8.GetBytes(value.Replace("\0", "", StringComparison.Ordinal)));
    }

    /// <summary>
    /// Writes a field; an absent value is NULL. Returns <see langword="false"/> if the text is not valid for its
    /// type; the row must then be cancelled.
    /// </summary>
    public bool TryWriteField(ReadOnlySpan<byte> field, ColumnType type)
    {
        var text = FieldText.Trim(field);
        if (FieldText.IsAbsent(text, type))
        {
            WriteNull();
            return true;
        }

        switch (type)
        {
            case ColumnType.Integer:
                var isInteger = FieldText.TryReadInteger(text, out var integer, out _);
                WriteSized(integer);
                return isInteger;
            case ColumnType.Decimal:
                var isDecimal = FieldText.TryReadDecimal(text, out var number, out _);
                WriteNumeric(number);
                return isDecimal;
            case ColumnType.Time:
                var isTime = FieldText.TryReadTime(text, out var time, out _);
                WriteSized(time.Ticks / TicksPerMicrosecond);
                return isTime;
            case ColumnType.Date:
                var isDate = FieldText.TryReadDate(text, out var date, out _);
                Write(date);
                return isDate;
            default:
                WriteBytes(text);
                return FieldText.TryCheck(text, type, out _);
        }
    }

    /// <summary>Begins an array, whose elements follow as fields. Returns a mark for <see cref="EndArray"/>.</summary>
    public int BeginArray(ColumnType type, int length)
    {
        var mark = _length;
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

    public void EndArray(int mark) => BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(mark), _length - mark - sizeof(int));

    // numeric = number of groups, weight of the first group, sign, scale, groups of four digits, which are aligned to the point and
    // neither begin nor end with zeros.
    private void WriteNumeric(decimal value)
    {
        const int Head = 4 * sizeof(short);
        const int GroupDigits = 4;
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var fractionGroups = (value.Scale + GroupDigits - 1) / GroupDigits;
        var digits = new UInt128((uint)bits[2], ((ulong)(uint)bits[1] << 32) | (uint)bits[0])
            * PowersOfTen[(fractionGroups * GroupDigits) - value.Scale];
        Span<short> groups = stackalloc short[8]; // For the 28 digits of a decimal.
        var first = groups.Length;
        while (digits > 0)
        {
            (digits, var group) = UInt128.DivRem(digits, 10_000);
            groups[--first] = (short)group;
        }

        var used = groups[first..].TrimEnd((short)0);
        var weight = used.IsEmpty ? 0 : groups.Length - first - fractionGroups - 1;
        var length = Head + (used.Length * sizeof(short));
        var span = Take(sizeof(int) + length);
        BinaryPrimitives.WriteInt32BigEndian(span, length);
        BinaryPrimitives.WriteInt16BigEndian(span[4..], (short)used.Length);
        BinaryPrimitives.WriteInt16BigEndian(span[6..], (short)weight);
        BinaryPrimitives.WriteInt16BigEndian(span[8..], value < 0 ? NegativeSign : (short)0);
        BinaryPrimitives.WriteInt16BigEndian(span[10..], value.Scale);
        span = span[(sizeof(int) + Head)..];
        for (var i = 0; i < used.Length; i++)
            BinaryPrimitives.WriteInt16BigEndian(span[(i * sizeof(short))..], used[i]);
    }

    private void WriteSized(long value)
    {
        var span = Take(sizeof(int) + sizeof(long));
        BinaryPrimitives.WriteInt32BigEndian(span, sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(span[sizeof(int)..], value);
    }

    private void WriteInt16(short value) => BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), value);

    private void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), value);

    private Span<byte> Take(int count)
    {
        if (_buffer.Length - _length < count)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        var span = _buffer.AsSpan(_length, count);
        _length += count;
        return span;
    }
}

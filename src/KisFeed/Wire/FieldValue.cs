using System.ComponentModel;

namespace KisFeed.Wire;

/// <summary>
/// A record's representation of a number, a time, a date or a code: 64 bits and a byte with their form. A <see cref="decimal"/> is created
/// from them on demand, because creating all of a record would take longer than parsing its text. For generated code.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class FieldValue
{
    /// <summary>No value. The 64 bits are the text that stands for it, as <see cref="AbsentText"/> numbers it.</summary>
    public const byte Absent = 0;

    /// <summary>
    /// A whole number, a code, a time as the number HHMMSS, or a date as the number YYYYMMDD. For a number
    /// with a scale, the scale is added.
    /// </summary>
    public const byte Plain = 1;

    /// <summary>A time as ticks since midnight.</summary>
    public const byte Ticks = 254;

    /// <summary>A number that does not fit 64 bits and is stored separately.</summary>
    public const byte Apart = 255;

    private const int MaxScale = 28;

    /// <summary>The value as a number with its scale.</summary>
    public static decimal? ToDecimal(ulong value, byte form, decimal[]? apart, int column)
    {
        if (form == Absent)
            return null;
        if (form == Apart)
            return apart![column];
        var isNegative = (long)value < 0;
        var magnitude = isNegative ? 0 - value : value;
        return new decimal((int)magnitude, (int)(magnitude >> 32), 0, isNegative, (byte)(form - Plain));
    }

    /// <summary>An amount that is sent without a minus, with that of its direction: down or lower limit.</summary>
    public static decimal? Signed(decimal? amount, ulong? sign) => sign is '4' or '5' && amount > 0 ? -amount : amount;

    /// <summary>A price with its decimal places, which it was sent without; or, if their number is negative, one as it was sent.</summary>
    public static decimal? Scaled(decimal? price, int? places)
    {
        if (price is not { } number || places is not { } added)
            return price;
        for (; number.Scale + added < 0; added++)
            number *= 10;
        for (; number.Scale + added > MaxScale; added--)
            number /= 10;
        Span<int> parts = stackalloc int[4];
        _ = decimal.GetBits(number, parts);
        return new decimal(parts[0], parts[1], parts[2], parts[3] < 0, (byte)(number.Scale + added));
    }

    /// <summary>The value as a whole number.</summary>
    public static long? ToInteger(ulong value, byte form) => form == Absent ? null : (long)value;

    /// <summary>The value as a code.</summary>
    public static ulong? ToCode(ulong value, byte form) => form == Absent ? null : value;

    /// <summary>The value as a time of day.</summary>
    public static TimeOnly? ToTime(ulong value, byte form) => form switch
    {
        Absent => null,
        Ticks => new TimeOnly((long)value),
        _ => new TimeOnly((int)(value / 10_000), (int)(value / 100 % 100), (int)(value % 100)),
    };

    /// <summary>The value as a date.</summary>
    public static DateOnly? ToDate(ulong value, byte form) =>
        form == Absent ? null : new DateOnly((int)(value / 10_000), (int)(value / 100 % 100), (int)(value % 100));

    /// <summary>Stores a date.</summary>
    public static void Set(DateOnly? date, ref ulong value, ref byte form)
    {
        value = date is { } day ? (ulong)((day.Year * 10_000) + (day.Month * 100) + day.Day) : 0;
        form = date is null ? Absent : Plain;
    }

    /// <summary>Stores a number with its scale.</summary>
    public static void Set(decimal? number, ref ulong value, ref byte form, ref decimal[]? apart, int column)
    {
        value = 0;
        form = Absent;
        if (number is not { } present)
            return;
        Span<int> parts = stackalloc int[4];
        _ = decimal.GetBits(present, parts);
        var magnitude = (uint)parts[0] | ((ulong)(uint)parts[1] << 32);
        var isNegative = parts[3] < 0;
        if (parts[2] != 0 || (long)magnitude < 0 || (isNegative && magnitude == 0))
        {
            // Records are copied by value, so none may modify an object that another record refers to.
            var copy = new decimal[Math.Max(column + 1, apart?.Length ?? 0)];
            apart?.CopyTo(copy, 0);
            copy[column] = present;
            apart = copy;
            form = Apart;
            return;
        }

        value = isNegative ? 0 - magnitude : magnitude;
        form = (byte)(Plain + present.Scale);
    }

    /// <summary>Stores a whole number.</summary>
    public static void Set(long? number, ref ulong value, ref byte form)
    {
        value = (ulong)number.GetValueOrDefault();
        form = number is null ? Absent : Plain;
    }

    /// <summary>Stores a code.</summary>
    public static void Set(ulong? code, ref ulong value, ref byte form)
    {
        value = code.GetValueOrDefault();
        form = code is null ? Absent : Plain;
    }

    /// <summary>Stores a time of day.</summary>
    public static void Set(TimeOnly? time, ref ulong value, ref byte form)
    {
        value = (ulong)time.GetValueOrDefault().Ticks;
        form = time is null ? Absent : Ticks;
    }
}

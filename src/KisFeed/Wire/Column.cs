namespace KisFeed.Wire;

/// <summary>One column of a feed's record, with the broker's names and those of this library.</summary>
public sealed record Column
{
    /// <summary>
    /// The column that output adds to records with <see cref="IsScaled"/> columns: the number of decimal places, absent if prices are as
    /// the broker sends them. Frames do not have it.
    /// </summary>
    public static Column PriceScale { get; } = new()
    {
        Element = "price_scale",
        Korean = "가격 소수점 자릿수",
        Name = nameof(PriceScale),
        Type = ColumnType.Integer,
        Unit = "digits",
    };

    /// <summary>The element name exactly as in the broker's document, e.g. <c>STCK_PRPR</c>.</summary>
    public required string Element { get; init; }

    /// <summary>The Korean name from the broker's document, e.g. 현재가.</summary>
    public string Korean { get; init; } = "";

    /// <summary>
    /// The English name: the name of the record's property, e.g. <c>Price</c>; the element name if there is no English name.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>The type of the values.</summary>
    public ColumnType Type { get; init; } = ColumnType.Text;

    /// <summary>The unit of a number if known, e.g. <c>KRW</c> or <c>%</c>; otherwise <see langword="null"/>.</summary>
    public string? Unit { get; init; }

    /// <summary>The number of digits to which the broker pads this number with leading zeros; 0 for no padding.</summary>
    public int ZeroPadding { get; init; }

    /// <summary>
    /// The index of the column with the direction of this amount, which the broker sends without a minus; -1 if the amount is sent signed.
    /// Output with English names, and SQL, have the minus.
    /// </summary>
    public int SignColumn { get; init; } = -1;

    /// <summary>
    /// Whether the broker sends this price without its decimal places, whose number differs between contracts: see
    /// <see cref="PriceScales"/>. Output with English names, SQL and records have them if they are known,
    /// and otherwise say that they are not.
    /// </summary>
    public bool IsScaled { get; init; }

    /// <summary>The role of the column in a trade or a day.</summary>
    public ColumnRole Role { get; init; }

    /// <summary>For a <see cref="ColumnType.Code"/> column, the documented codes with their names.</summary>
    public IReadOnlyDictionary<string, ColumnCode> Codes { get; init; } =
        System.Collections.Frozen.FrozenDictionary<string, ColumnCode>.Empty;

    /// <summary>
    /// The group that the column belongs to, e.g. <c>Asks</c> for the offers of an order book; <see langword="null"/> if it stands alone.
    /// In JSON, a group is an array of objects, or one object if it has a single member.
    /// </summary>
    public string? Group { get; init; }

    /// <summary>The number of the group's member that the column belongs to, from 0; -1 if the group has a single member.</summary>
    public int GroupIndex { get; init; } = -1;

    /// <summary>The name within the group's member, e.g. <c>Price</c>; <see langword="null"/> if the column stands alone.</summary>
    public string? Field { get; init; }

    /// <summary>Whether the column is written as a number in output formats that have numbers.</summary>
    public bool IsNumeric => Type is ColumnType.Integer or ColumnType.Decimal;

    /// <summary>The English name in JSON form, e.g. <c>price</c>; the element name if there is no English name.</summary>
    public string JsonName => Name == Element ? Element : System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(Name);
}

/// <summary>The names of a documented code.</summary>
/// <param name="Name">The English name: that of the enum's member, e.g. <c>BuyIn</c>.</param>
/// <param name="Korean">The Korean name from the broker's document; empty if there is none.</param>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
public readonly record struct ColumnCode(string Name, string Korean)
{
    /// <summary>The English name in JSON form, e.g. <c>buyIn</c>.</summary>
    public string JsonName => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(Name);
}

/// <summary>The type of a column's values.</summary>
public enum ColumnType
{
    /// <summary>Text as sent, without blanks at both ends.</summary>
    Text,

    /// <summary>A whole number that fits 64 bits.</summary>
    Integer,

    /// <summary>A number whose scale (number of decimal places) is kept as sent.</summary>
    Decimal,

    /// <summary>A time of day in Korea (UTC+9), six digits <c>HHMMSS</c>.</summary>
    Time,

    /// <summary>A date, eight digits <c>YYYYMMDD</c>. Zeros stand for no date.</summary>
    Date,

    /// <summary>A short code of at most eight ASCII characters; unknown codes are kept.</summary>
    Code,
}

namespace KisFeed.Wire;

/// <summary>How the text of a column is to be read.</summary>
public enum ColumnType
{
    /// <summary>Text, taken as sent without its outer padding blanks.</summary>
    Text,

    /// <summary>A whole number that fits 64 bits.</summary>
    Integer,

    /// <summary>A number whose scale (digits behind the point) is kept as sent.</summary>
    Decimal,

    /// <summary>A time of day in Korea (UTC+9), six digits <c>HHMMSS</c>.</summary>
    Time,

    /// <summary>A short code of at most eight ASCII characters; codes not yet known are kept.</summary>
    Code,
}

using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>The column of the broker's layout that a property holds. The order of the properties is the order of the columns.</summary>
/// <param name="element">The element name exactly as the broker's document spells it.</param>
/// <param name="korean">The Korean name in the broker's document.</param>
[AttributeUsage(AttributeTargets.Property, Inherited = false)]
public sealed class ColumnAttribute(string element, string korean) : Attribute
{
    /// <summary>The element name exactly as the broker's document spells it.</summary>
    public string Element { get; } = element;

    /// <summary>The Korean name in the broker's document.</summary>
    public string Korean { get; } = korean;

    /// <summary>The unit, if it is known; <c>{price}</c> or <c>{turnover}</c> if it differs between the feeds of the record.</summary>
    public string? Unit { get; init; }

    /// <summary>Whether this column holds the <c>tr_key</c> of the registration. Exactly one column does.</summary>
    public bool IsKey { get; init; }

    /// <summary>The number of digits to which the broker pads the number with zeros.</summary>
    public int ZeroPadding { get; init; }

    /// <summary>
    /// The property with the <see cref="ChangeSign"/> of this amount, where the broker sends a fall without a minus. The value is then
    /// negative if the sign is down or lower limit.
    /// </summary>
    public string? SignedBy { get; init; }

    /// <summary>
    /// Whether the broker sends this price without its decimal places, whose number differs between contracts. See
    /// <see cref="Wire.PriceScales"/>.
    /// </summary>
    public bool IsScaled { get; init; }

    /// <summary>
    /// The column's role for the trade or the day. A time of day can be the record's time, a date its
    /// date; a number can have any other role.
    /// </summary>
    public ColumnRole Role { get; init; }
}

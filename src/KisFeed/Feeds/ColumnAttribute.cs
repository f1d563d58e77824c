using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>Says which column of the broker's layout a property holds. The order of the properties is the order of the columns.</summary>
/// <param name="element">The element name exactly as the broker's document spells it.</param>
/// <param name="korean">The Korean name in the broker's document.</param>
[AttributeUsage(AttributeTargets.Property, Inherited = false)]
public sealed class ColumnAttribute(string element, string korean) : Attribute
{
    /// <summary>The element name exactly as the broker's document spells it.</summary>
    public string Element { get; } = element;

    /// <summary>The Korean name in the broker's document.</summary>
    public string Korean { get; } = korean;

    /// <summary>The unit, where it is known.</summary>
    public string? Unit { get; init; }

    /// <summary>Whether this column holds the <c>tr_key</c> of the registration. Exactly one does.</summary>
    public bool IsKey { get; init; }

    /// <summary>The digits to which the broker pads the number with zeros.</summary>
    public int ZeroPadding { get; init; }

    /// <summary>What the column tells of the trade or of the day. A time of day can be the record's time, a number anything else.</summary>
    public ColumnRole Role { get; init; }
}

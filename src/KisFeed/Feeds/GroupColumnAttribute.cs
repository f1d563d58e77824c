using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// A column, or one column for each member, of a group that a property of the record holds: a level of an order book, a place in a ranking.
/// Its position in the layout is that of the property which it marks, after the property's own column and in the order of these attributes.
/// </summary>
/// <param name="element">The element name exactly as the broker's document spells it; <c>{0}</c> stands for the member's number.</param>
/// <param name="korean">The Korean name in the broker's document; <c>{0}</c> stands for the member's number.</param>
/// <param name="group">The property that holds the group: a <see cref="Repeated{T}"/>, or a single member.</param>
/// <param name="field">The property of the member that holds the column.</param>
[AttributeUsage(AttributeTargets.Property, AllowMultiple = true, Inherited = false)]
public sealed class GroupColumnAttribute(string element, string korean, string group, string field) : Attribute
{
    /// <summary>The element name exactly as the broker's document spells it; <c>{0}</c> stands for the member's number.</summary>
    public string Element { get; } = element;

    /// <summary>The Korean name in the broker's document; <c>{0}</c> stands for the member's number.</summary>
    public string Korean { get; } = korean;

    /// <summary>The property that holds the group.</summary>
    public string Group { get; } = group;

    /// <summary>The property of the member that holds the column.</summary>
    public string Field { get; } = field;

    /// <summary>The number of the first member, from 1; 0 if the group has a single member.</summary>
    public int First { get; init; }

    /// <summary>The number of the last member; 0 for the first one alone.</summary>
    public int Last { get; init; }

    /// <summary>
    /// Whether the columns of a member are next to each other: the layout has this column of the first member, the next attribute's column
    /// of the first member, and so on, before those of the second member.
    /// </summary>
    public bool Interleaved { get; init; }

    /// <summary>The unit, if it is known.</summary>
    public string? Unit { get; init; }

    /// <summary>
    /// Whether the broker sends this price without its decimal places, whose number differs between contracts. See
    /// <see cref="Wire.PriceScales"/>.
    /// </summary>
    public bool IsScaled { get; init; }

    /// <summary>The column's role for the trade or the day.</summary>
    public ColumnRole Role { get; init; }
}

using KisFeed.Wire;

namespace KisFeed.Feeds;

/// <summary>
/// Marks a <c>readonly partial record struct</c> as the record of a feed. The source generator then adds a decoder, an encoder, a column table and,
/// for each of these attributes, a static <see cref="Feed{TRecord}"/>.
/// </summary>
/// <param name="trId">The broker's TR ID on the production service.</param>
[AttributeUsage(AttributeTargets.Struct, AllowMultiple = true, Inherited = false)]
public sealed class FeedAttribute(string trId) : Attribute
{
    /// <summary>The broker's TR ID on the production service.</summary>
    public string TrId { get; } = trId;

    /// <summary>The name of the static property that holds the feed. Default: <c>Feed</c>.</summary>
    public string Member { get; init; } = "Feed";

    /// <summary>The TR ID on the mock (모의투자) service, if it offers the feed. It may be that of production.</summary>
    public string? MockTrId { get; init; }

    /// <summary>
    /// The document that says whether the mock service offers the feed. Without one it is not known: the feed is requested there like any other, and the
    /// broker's answer decides.
    /// </summary>
    public string? MockSource { get; init; }

    /// <summary>A short name for people, e.g. <c>index</c>.</summary>
    public string Alias { get; init; } = "";

    /// <summary>The Korean title in the broker's document.</summary>
    public string Korean { get; init; } = "";

    /// <summary>The market, by which feeds are listed.</summary>
    public FeedMarket Market { get; init; }

    /// <summary>The number of the feed in the broker's document, e.g. 실시간-026.</summary>
    public string? Document { get; init; }

    /// <summary>The meaning of the <c>tr_key</c>, e.g. <c>sector code</c>.</summary>
    public string KeyMeaning { get; init; } = "";

    /// <summary>An example of a <c>tr_key</c>.</summary>
    public string KeyExample { get; init; } = "";

    /// <summary>The usual form of a <c>tr_key</c>, a regular expression for the whole key; empty if it has none. Other keys are passed on as well.</summary>
    public string KeyForm { get; init; } = "";

    /// <summary>
    /// What precedes a key that people type without it, e.g. the exchange of a symbol; empty if nothing does. The command and the gateway add it; the library does not.
    /// </summary>
    public string KeyPrefix { get; init; } = "";

    /// <summary>
    /// The prefixes of keys whose instruments are also traded by day, each with that of the key for it, e.g. <c>DNAS=RBAQ</c>, separated by
    /// commas.
    /// </summary>
    public string DayTimePrefixes { get; init; } = "";

    /// <summary>Columns whose element has another name in this feed, each as <c>RECORD=FEED</c>.</summary>
    public string[] Renamed { get; init; } = [];

    /// <summary>
    /// Whether the feed sends what is expected of an auction instead of trades. Its quantities are not traded, so its columns have no roles of volumes or turnovers.
    /// </summary>
    public bool IsExpected { get; init; }

    /// <summary>How this feed's document spells the elements that another feed of the record has in the other case.</summary>
    public ElementCase ElementCase { get; init; }

    /// <summary>The unit that <c>{price}</c> stands for in the units of the record's columns.</summary>
    public string? PriceUnit { get; init; }

    /// <summary>The unit that <c>{turnover}</c> stands for in the units of the record's columns.</summary>
    public string? TurnoverUnit { get; init; }

    /// <summary>Whether the feed sends encrypted notices about an account's orders.</summary>
    public bool IsNotice { get; init; }

    /// <summary>
    /// Whether the feed is of markets outside Korea although it is listed elsewhere: Korean sessions do not decide the date of a time.
    /// </summary>
    public bool IsOverseas { get; init; }
}

/// <summary>The case of a feed's element names.</summary>
public enum ElementCase
{
    /// <summary>As the record's attributes spell them.</summary>
    AsDeclared,

    /// <summary>Lower case.</summary>
    Lower,

    /// <summary>Upper case.</summary>
    Upper,
}

/// <summary>The Korean name of a code, on the member of an enum of codes.</summary>
/// <param name="korean">The name in the broker's document.</param>
[AttributeUsage(AttributeTargets.Field, Inherited = false)]
public sealed class CodeNameAttribute(string korean) : Attribute
{
    /// <summary>The name in the broker's document.</summary>
    public string Korean { get; } = korean;
}

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
    /// The property with the <see cref="ChangeSign"/> of this amount, where the broker sends a fall without a minus. The value is then negative if the sign
    /// is down or lower limit.
    /// </summary>
    public string? SignedBy { get; init; }

    /// <summary>
    /// Whether the broker sends this price without its decimal places, whose number differs between contracts. See
    /// <see cref="Wire.PriceScales"/>.
    /// </summary>
    public bool IsScaled { get; init; }

    /// <summary>
    /// The column's role for the trade or the day. A time of day can be the record's time, a date its date; a number can have any other role.
    /// </summary>
    public ColumnRole Role { get; init; }
}

/// <summary>
/// A column, or one column for each member, of a group that a property of the record holds: a level of an order book, a place in a ranking. Its position
/// in the layout is that of the property which it marks, after the property's own column and in the order of these attributes.
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
    /// Whether the columns of a member are next to each other: the layout has this column of the first member, the next attribute's column of the first
    /// member, and so on, before those of the second member.
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

/// <summary>
/// Marks a <c>readonly partial record struct</c> as a member of groups of columns. Its properties are the possible columns of a member; those that a
/// feed does not have are <see langword="null"/> there.
/// </summary>
[AttributeUsage(AttributeTargets.Struct, Inherited = false)]
public sealed class ColumnGroupAttribute : Attribute;

/// <summary>
/// A known layout, identified by its width: one that ends earlier than the record, or one listed column by column. Without <see cref="TrId"/> it is
/// another layout of all feeds of the record, which also have that of all columns. A feed that one or more of these attributes name has these layouts
/// alone.
/// </summary>
[AttributeUsage(AttributeTargets.Struct, AllowMultiple = true, Inherited = false)]
public sealed class RevisionAttribute : Attribute
{
    /// <summary>A layout of the record's first <paramref name="width"/> columns.</summary>
    public RevisionAttribute(int width) => Width = width;

    /// <summary>
    /// A layout listed element by element in wire order; elements that the record lacks become extra columns. <c>A..B</c> stands for the record's columns
    /// from A to B, <c>..B</c> for those up to B.
    /// </summary>
    public RevisionAttribute(params string[] elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        Elements = elements;
    }

    /// <summary>The feed that has this layout; all feeds of the record if <see langword="null"/>.</summary>
    public string? TrId { get; init; }

    /// <summary>Whether the broker sends this layout today although a former one was wider. Otherwise it sends the widest.</summary>
    public bool IsCurrent { get; init; }

    /// <summary>The number of columns of one record; 0 if they are listed.</summary>
    public int Width { get; }

    /// <summary>The elements in wire order; <see langword="null"/> if they are the record's first ones.</summary>
    public IReadOnlyList<string>? Elements { get; }
}

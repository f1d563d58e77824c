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

    /// <summary>The TR ID on the mock (모의투자) service, if it offers the feed.</summary>
    public string? MockTrId { get; init; }

    /// <summary>A short name for people, e.g. <c>index</c>.</summary>
    public string Alias { get; init; } = "";

    /// <summary>The Korean title in the broker's document.</summary>
    public string Korean { get; init; } = "";

    /// <summary>The number of the feed in the broker's document, e.g. 실시간-026.</summary>
    public string? Document { get; init; }

    /// <summary>The meaning of the <c>tr_key</c>, e.g. <c>sector code</c>.</summary>
    public string KeyMeaning { get; init; } = "";

    /// <summary>An example of a <c>tr_key</c>.</summary>
    public string KeyExample { get; init; } = "";

    /// <summary>Whether the feed sends encrypted notices about an account's orders.</summary>
    public bool IsNotice { get; init; }
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

    /// <summary>The unit, if it is known.</summary>
    public string? Unit { get; init; }

    /// <summary>Whether this column holds the <c>tr_key</c> of the registration. Exactly one column does.</summary>
    public bool IsKey { get; init; }

    /// <summary>The number of digits to which the broker pads the number with zeros.</summary>
    public int ZeroPadding { get; init; }

    /// <summary>The column's role for the trade or the day. A time of day can be the record's time; a number can have any other role.</summary>
    public ColumnRole Role { get; init; }
}

/// <summary>Another known layout of the feed, identified by its width: an older one that ends earlier, or one listed column by column.</summary>
[AttributeUsage(AttributeTargets.Struct, AllowMultiple = true, Inherited = false)]
public sealed class RevisionAttribute : Attribute
{
    /// <summary>A layout of the record's first <paramref name="width"/> columns.</summary>
    public RevisionAttribute(int width) => Width = width;

    /// <summary>A layout listed element by element in wire order; elements that the record lacks become extra columns.</summary>
    public RevisionAttribute(params string[] elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        Elements = elements;
        Width = elements.Length;
    }

    /// <summary>Number of columns of one record.</summary>
    public int Width { get; }

    /// <summary>The elements in wire order; <see langword="null"/> if they are the record's first ones.</summary>
    public IReadOnlyList<string>? Elements { get; }
}

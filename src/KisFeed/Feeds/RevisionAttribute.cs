namespace KisFeed.Feeds;

/// <summary>
/// A known layout, identified by its width: one that ends earlier than the record, or one listed column by column. Without
/// <see cref="TrId"/> it is another layout of all feeds of the record, which also have that of all columns. A feed that one or more of
/// these attributes name has these layouts alone.
/// </summary>
[AttributeUsage(AttributeTargets.Struct, AllowMultiple = true, Inherited = false)]
public sealed class RevisionAttribute : Attribute
{
    /// <summary>A layout of the record's first <paramref name="width"/> columns.</summary>
    public RevisionAttribute(int width) => Width = width;

    /// <summary>
    /// A layout listed element by element in wire order; elements that the record lacks become extra columns. <c>A..B</c> stands for the
    /// record's columns from A to B, <c>..B</c> for those up to B.
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

namespace KisFeed.Feeds;

/// <summary>
/// Another layout the feed has been met with, told apart by its width: an older one that ends earlier, or one given column by column.
/// </summary>
[AttributeUsage(AttributeTargets.Struct, AllowMultiple = true, Inherited = false)]
public sealed class RevisionAttribute : Attribute
{
    /// <summary>A revision of the record's first <paramref name="width"/> columns.</summary>
    public RevisionAttribute(int width) => Width = width;

    /// <summary>A revision given element by element as it stands on the wire; elements that the record lacks become extra columns.</summary>
    public RevisionAttribute(params string[] elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        Elements = elements;
        Width = elements.Length;
    }

    /// <summary>Columns of one record.</summary>
    public int Width { get; }

    /// <summary>The elements in wire order; <see langword="null"/> where they are the record's first ones.</summary>
    public IReadOnlyList<string>? Elements { get; }
}

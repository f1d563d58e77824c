namespace KisFeed.Wire;

/// <summary>
/// The columns of a record that its type does not have, because the broker appended them after this version of the library. Columns that a
/// layout file names are available by name; all are available by number.
/// </summary>
public readonly struct ExtraColumns : IEquatable<ExtraColumns>
{
    private readonly string? _text;
    private readonly FeedLayout? _layout;

    internal ExtraColumns(string? text, FeedLayout layout)
    {
        _text = text;
        _layout = layout;
    }

    /// <summary>
    /// The layout in which the record was read and is written; <see langword="null"/> for the columns of the record type.
    /// </summary>
    internal FeedLayout? Layout => _layout;

    /// <summary>The number of extra columns.</summary>
    public int Count => _text is null ? 0 : _text.AsSpan().Count('^') + 1;

    /// <summary>Whether there are no extra columns: the record is as wide as its type.</summary>
    public bool IsEmpty => _text is null;

    /// <summary>The texts as sent, <c>^</c>-separated.</summary>
    public string Text => _text ?? "";

    /// <summary>No extra columns, in a record that is written in this layout instead of all columns of its type.</summary>
    /// <param name="layout">The layout, one of the feed's.</param>
    public static ExtraColumns None(FeedLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return new ExtraColumns(null, layout);
    }

    /// <summary>The text of the extra column with this number, as sent.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column.</exception>
    public string this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var rest = From(index);
            var length = rest.IndexOf('^');
            return (length < 0 ? rest : rest[..length]).ToString();
        }
    }

    /// <summary>Finds an extra column that a layout names, by element name.</summary>
    public bool TryGet(string element, out string value)
    {
        var names = _layout?.ExtraColumns ?? [];
        for (var i = 0; i < names.Length && i < Count; i++)
        {
            if (names[i].Element.Equals(element, StringComparison.OrdinalIgnoreCase))
            {
                value = this[i];
                return true;
            }
        }

        value = "";
        return false;
    }

    /// <summary>The texts starting at a number.</summary>
    internal ReadOnlySpan<char> From(int index)
    {
        var rest = Text.AsSpan();
        for (var i = 0; i < index; i++)
            rest = rest[(rest.IndexOf('^') + 1)..];
        return rest;
    }

    /// <summary>The number of columns on the wire of a record with these extra columns.</summary>
    internal int WireWidth(int columns) =>
        _layout is { IsSequential: false } layout ? layout.Width + Count - layout.ExtraColumns.Length : columns + Count;

    /// <inheritdoc/>
    public bool Equals(ExtraColumns other) => string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ExtraColumns other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _text is null ? 0 : StringComparer.Ordinal.GetHashCode(_text);

    /// <summary>The texts as sent.</summary>
    public override string ToString() => Text;

    /// <summary>Whether both hold the same texts.</summary>
    public static bool operator ==(ExtraColumns left, ExtraColumns right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(ExtraColumns left, ExtraColumns right) => !left.Equals(right);
}

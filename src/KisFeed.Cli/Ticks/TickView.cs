using System.Collections.Immutable;

namespace KisFeed.Cli.Ticks;

/// <summary>The view of a record for people, in lines and tables.</summary>
internal sealed record TickView(string Title, ImmutableArray<TickColumn> Columns)
{
    /// <summary>The column with the name of the instrument, if the record has one.</summary>
    public string? NameColumn { get; init; }

    /// <summary>Whether each record matters, so that a table shows the last few records instead of the last one of each key.</summary>
    public bool IsEventList { get; init; }

    /// <summary>
    /// Whether the columns are those of the best level of an order book. A table with a single book shows all its levels instead, in the
    /// columns of <see cref="TickViews.Ladder"/>.
    /// </summary>
    public bool IsBook { get; init; }
}

/// <summary>A column that is shown to people.</summary>
/// <param name="Name">The column's English name.</param>
/// <param name="Header">The header in a table.</param>
/// <param name="Label">The label in a line; empty if the value needs none.</param>
/// <param name="Style">The format.</param>
/// <param name="Width">The usual width in cells.</param>
internal sealed record TickColumn(string Name, string Header, string Label, TickStyle Style, int Width)
{
    /// <summary>Whether it is text, which is left-aligned.</summary>
    public bool IsText => Style is TickStyle.Text or TickStyle.Side;
}

namespace KisFeed.Cli.Ticks;

/// <summary>A column of a record that is shown to people.</summary>
/// <param name="Name">The column's English name.</param>
/// <param name="Header">What stands above it in a table.</param>
/// <param name="Label">What stands before it in a line; nothing where it speaks for itself.</param>
/// <param name="Style">How it is shown.</param>
/// <param name="Width">The cells it usually takes.</param>
internal sealed record TickColumn(string Name, string Header, string Label, TickStyle Style, int Width)
{
    /// <summary>Whether it is aligned as words are, to the left.</summary>
    public bool IsText => Style is TickStyle.Text or TickStyle.Side;
}

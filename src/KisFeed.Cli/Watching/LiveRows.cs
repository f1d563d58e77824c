using KisFeed.Cli.Ticks;
using Spectre.Console;

namespace KisFeed.Cli.Watching;

/// <summary>A snapshot of a section of the live table.</summary>
/// <param name="Heading">The cells of the heading.</param>
/// <param name="Rows">The cells of the rows; empty rows come last.</param>
/// <param name="Known">The number of rows with content.</param>
/// <param name="Values">The number of value columns that the section has; the cells of the others are empty.</param>
internal sealed record LiveRows(LiveCell[] Heading, IReadOnlyList<LiveCell[]> Rows, int Known, int Values)
{
    private const int HeadingAndRow = 2;

    /// <summary>
    /// The number of rows with offers, and of those with bids after them, if the rows are those of a whole order book. The rows that follow
    /// have its totals.
    /// </summary>
    public (int Asks, int Bids) Levels { get; init; }

    /// <summary>Returns as many rows as there is room for. Of an order book, the levels farthest from the best are left out.</summary>
    public IReadOnlyList<LiveCell[]> Take(int count)
    {
        if (count >= Rows.Count)
            return Rows;
        var (asks, bids) = Levels;
        if (asks + bids == 0 || count == 0)
            return [.. Rows.Take(count)];
        var behind = Rows.Skip(asks + bids).Take(count - 1).ToArray();
        while (asks + bids + behind.Length > count)
        {
            if (asks > bids)
                asks--;
            else
                bids--;
        }

        LiveCell[][] shown = [.. Rows.Skip(Levels.Asks - asks).Take(asks + bids), .. behind];
        shown[0] = [.. shown[0].Select((cell, column) => IsOfInstrument(column) ? Rows[0][column] : cell)];
        return shown;
    }

    public int WidthOf(int column, bool isShort = false)
    {
        var heading = isShort ? LiveColumns.ShortHeading(Heading[column].Text) : Heading[column].Text;
        return Rows.Select(row => row[column].Text).Append(heading).Max(CellWidth.Of);
    }

    /// <summary>
    /// Divides the lines of the terminal among sections, evenly if not all rows fit. <see langword="null"/> for a section without room for
    /// its heading. One line is reserved for the number of hidden rows, if there are any.
    /// </summary>
    public static int?[] Share(IReadOnlyList<LiveRows> sections, int lines)
    {
        if (sections.Sum(s => 1 + s.Rows.Count) <= lines)
            return [.. sections.Select(s => (int?)s.Rows.Count)];
        var shares = new int?[sections.Count];
        var room = sections.Sum(s => 1 + s.Known) <= lines ? lines : lines - 1;
        for (var i = 0; i < sections.Count; i++)
        {
            var least = sections[i].Known == 0 ? 1 : HeadingAndRow;
            if (room < least)
                continue;
            shares[i] = least - 1;
            room -= least;
        }

        while (room > 0 && FewestShown(sections, shares) is { } next)
        {
            shares[next]++;
            room--;
        }

        return shares;
    }

    // The other columns than those of values.
    private bool IsOfInstrument(int column) => column < LiveColumns.FirstValue || column == Heading.Length - 1;

    private static int? FewestShown(IReadOnlyList<LiveRows> sections, int?[] shares)
    {
        int? fewest = null;
        for (var i = 0; i < sections.Count; i++)
        {
            if (shares[i] is { } share && share < sections[i].Known && (fewest is null || share < shares[fewest.Value]))
                fewest = i;
        }

        return fewest;
    }
}

internal readonly record struct LiveCell(string Text, Style Style, bool IsRight = false)
{
    public static LiveCell Empty { get; } = new("", Style.Plain);

    /// <summary>The end of the text that remains if it is shortened.</summary>
    public string Ending { get; init; } = "";

    /// <summary>Returns the text, shortened to a width if it is wider.</summary>
    public string Shorten(int width) =>
        CellWidth.Of(Text) <= width ? Text : CellWidth.Truncate(Text[..^Ending.Length], Math.Max(1, width - Ending.Length)) + Ending;
}

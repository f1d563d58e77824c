using KisFeed.Cli.Ticks;

namespace KisFeed.Cli.Watching;

/// <summary>A section of the live table at one moment.</summary>
/// <param name="Heading">The cells of its heading.</param>
/// <param name="Rows">The cells of its rows; rows that wait for an event come last.</param>
/// <param name="Known">How many rows show something.</param>
internal sealed record LiveRows(LiveCell[] Heading, IReadOnlyList<LiveCell[]> Rows, int Known)
{
    private const int HeadingAndRow = 2;

    public int WidthOf(int column) => Rows.Append(Heading).Max(row => CellWidth.Of(row[column].Text));

    /// <summary>
    /// Divides the lines of the terminal among sections: as many rows for each, where not all fit. <see langword="null"/> for a section that has no room even for its heading.
    /// One line is kept for the number of rows that are left out, where any are.
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

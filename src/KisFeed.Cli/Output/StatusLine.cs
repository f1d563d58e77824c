using KisFeed.Cli.Options;
using KisFeed.Cli.Ticks;

namespace KisFeed.Cli.Output;

/// <summary>A status of several parts, the most important first, fitted to the width of a terminal: the last parts are left out first, and an ellipsis stands for them.</summary>
internal static class StatusLine
{
    private const string Separator = " · ";
    private const string Ellipsis = " …";

    /// <summary>One line.</summary>
    public static string Fit(IReadOnlyList<string> parts, int width)
    {
        var count = CountFitting(parts, width);
        return count > 0 || parts.Count == 0 ? Join(parts, count) : CellWidth.Truncate(Join(parts, 1), width);
    }

    /// <summary>One line, or more where the parts that always have to be there do not fit one.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="needed">How many of them, from the first on, another line is begun for.</param>
    /// <param name="width">The width of a line.</param>
    public static IReadOnlyList<string> Wrap(IReadOnlyList<string> parts, int needed, int width)
    {
        var lines = new List<string>();
        while (needed > CountFitting(parts, width) && parts.Count > 1)
        {
            // The line break separates too, so nothing is marked as left out at the end of this line.
            var first = needed;
            while (first > 1 && CellWidth.Of(string.Join(Separator, parts.Take(first))) > width)
                first--;
            lines.Add(CellWidth.Truncate(string.Join(Separator, parts.Take(first)), width));
            (parts, needed) = ([.. parts.Skip(first)], needed - first);
        }

        if (parts.Count > 0)
            lines.Add(Fit(parts, width));
        return lines;
    }

    private static int CountFitting(IReadOnlyList<string> parts, int width)
    {
        var count = parts.Count;
        while (count > 0 && CellWidth.Of(Join(parts, count)) > width)
            count--;
        return count;
    }

    private static string Join(IReadOnlyList<string> parts, int count)
    {
        var line = string.Join(Separator, parts.Take(count));
        return count < parts.Count ? line + Ellipsis : line;
    }
}

/// <summary>How much room there is on a disk.</summary>
internal static class DiskSpace
{
    /// <summary>The room on the disk of a folder as people read it; <see langword="null"/> where it cannot be told.</summary>
    public static string? Of(string folder)
    {
        try
        {
            return $"{ByteSize.Text(new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace)} free";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}

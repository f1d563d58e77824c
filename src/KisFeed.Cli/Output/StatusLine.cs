using KisFeed.Cli.Ticks;

namespace KisFeed.Cli.Output;

/// <summary>
/// Fits a status of several parts, the most important first, to the width of a terminal. The last parts are
/// left out first, marked by an ellipsis.
/// </summary>
internal static class StatusLine
{
    public const string Separator = " · ";
    private const string Ellipsis = " …";

    /// <summary>Fits the parts into one line.</summary>
    public static string Fit(IReadOnlyList<string> parts, int width)
    {
        var count = CountFitting(parts, width);
        return count > 0 || parts.Count == 0 ? Join(parts, count) : CellWidth.Truncate(Join(parts, 1), width);
    }

    /// <summary>Fits the parts into one line, or more if the required parts do not fit one.</summary>
    public static IReadOnlyList<string> Wrap(IReadOnlyList<string> parts, int needed, int width)
    {
        var lines = new List<string>();
        while (needed > CountFitting(parts, width) && parts.Count > 1)
        {
            // The line break is a separator too, so this line ends without an ellipsis.
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

internal static class DiskSpace
{
    /// <summary>Returns the free space on the disk of a folder, formatted; <see langword="null"/> if unknown.</summary>
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

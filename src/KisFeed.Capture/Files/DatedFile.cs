using System.Globalization;

namespace KisFeed.Capture.Files;

/// <summary>
/// A file named as a recorder names them: <c>2026-11-20/H0UPCNT0-090000.log.gz</c>, or <c>H0UPCNT0-090000-2.log.gz</c> for another one with
/// the same first second. Ordered by the time of the first line.
/// </summary>
/// <param name="Path">The path.</param>
/// <param name="Folder">The folder of its day.</param>
/// <param name="Day">The day in Korea.</param>
/// <param name="Feed">The TR ID.</param>
/// <param name="Begin">The time of its first line in Korea, HHMMSS.</param>
/// <param name="Number">The number among the files with the same first second, from 1.</param>
/// <param name="Length">The length in bytes.</param>
internal sealed record DatedFile(string Path, string Folder, DateOnly Day, string Feed, string Begin, int Number, long Length)
    : IComparable<DatedFile>
{
    public const string Extension = ".log.gz";

    private const int TimeLength = 6;

    /// <summary>
    /// Its path within the folder of the capture, with a slash on every system: <c>2026-11-20/H0UPCNT0-090000.log.gz</c>.
    /// </summary>
    public string Name => $"{CaptureDays.NameOf(Day)}/{System.IO.Path.GetFileName(Path)}";

    /// <summary>Returns the files in the folders of a capture.</summary>
    /// <param name="folder">The folder of the capture.</param>
    /// <param name="includes">Selects days; <see langword="null"/> for all.</param>
    /// <exception cref="IOException">A folder cannot be searched.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder cannot be searched.</exception>
    public static IEnumerable<DatedFile> In(string folder, Func<DateOnly, bool>? includes = null)
    {
        foreach (var (day, dayFolder) in CaptureDays.FoldersIn(folder))
        {
            if (includes?.Invoke(day) == false)
                continue;
            foreach (var file in dayFolder.EnumerateFiles($"*{Extension}"))
            {
                if (TryParse(file, day) is { } dated)
                    yield return dated;
            }
        }
    }

    /// <summary>
    /// Returns the file with a path, which may be deleted already; <see langword="null"/> if a recorder does not name files so.
    /// </summary>
    public static DatedFile? At(string path)
    {
        var file = new FileInfo(path);
        return CaptureDays.TryParse(file.Directory?.Name, out var day) ? TryParse(file, day) : null;
    }

    /// <summary>
    /// Returns the links in the folder of a capture that have the name of a day's folder or of a file in one, and are not followed.
    /// </summary>
    /// <exception cref="IOException">A folder cannot be searched.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder cannot be searched.</exception>
    public static IEnumerable<SkippedPath> LinksIn(string folder) =>
        new DirectoryInfo(folder).EnumerateDirectories().Where(day => day.LinkTarget is not null && CaptureDays.TryParse(day.Name, out _))
            .Concat<FileSystemInfo>(CaptureDays.FoldersIn(folder).SelectMany(day => day.Folder.EnumerateFiles($"*{Extension}"))
                .Where(file => file.LinkTarget is not null))
            .Select(link => new SkippedPath(link.FullName, "is a link, and recorders make none"));

    /// <inheritdoc/>
    public int CompareTo(DatedFile? other)
    {
        if (other is null)
            return 1;
        var order = Day.CompareTo(other.Day);
        if (order == 0)
            order = string.CompareOrdinal(Begin, other.Begin);
        if (order == 0)
            order = Number.CompareTo(other.Number);
        return order == 0 ? string.CompareOrdinal(Path, other.Path) : order;
    }

    private static DatedFile? TryParse(FileInfo file, DateOnly day)
    {
        if (!file.Name.EndsWith(Extension, StringComparison.Ordinal))
            return null;
        var parts = file.Name[..^Extension.Length].Split('-');
        var number = 1;
        if (parts is not ([_, { Length: TimeLength }] or [_, { Length: TimeLength }, _])
            || !parts[1].All(char.IsAsciiDigit)
            || file.LinkTarget is not null)
        {
            return null;
        }
        return parts.Length == 2 || int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out number)
            ? new DatedFile(file.FullName, file.DirectoryName!, day, parts[0], parts[1], number, file.Exists ? file.Length : 0)
            : null;
    }
}

using System.Globalization;
using KisFeed.Wire;

namespace KisFeed.Capture.Files;

/// <summary>The folders of a capture: one for each day in Korea, by the time of receipt.</summary>
internal static class CaptureDays
{
    private const string Format = "yyyy-MM-dd";

    public static DateOnly Of(DateTimeOffset at) => DateOnly.FromDateTime(KoreaTime.From(at).DateTime);

    public static DateTimeOffset EndOf(DateOnly day) => new(day.AddDays(1).ToDateTime(TimeOnly.MinValue), KoreaTime.Offset);

    public static string NameOf(DateOnly day) => day.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>The day of a file by its path within the folder of the capture: <c>2026-11-20/H0UPCNT0-090000.log.gz</c>.</summary>
    public static DateOnly OfFile(string name) => DateOnly.ParseExact(name.AsSpan(0, Format.Length), Format, CultureInfo.InvariantCulture);

    /// <summary>Reads the name of a day's folder.</summary>
    public static bool TryParse(string? name, out DateOnly day) =>
        DateOnly.TryParseExact(name, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out day);

    /// <summary>The folders of a capture, earliest first. A recorder does not make links, and links to folders are not followed.</summary>
    /// <exception cref="IOException">The folder of the capture cannot be searched.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder of the capture cannot be searched.</exception>
    public static IEnumerable<(DateOnly Day, DirectoryInfo Folder)> FoldersIn(string directory) =>
        new DirectoryInfo(directory).EnumerateDirectories()
            .Select(folder => (IsDay: TryParse(folder.Name, out var day), Day: day, Folder: folder))
            .Where(found => found.IsDay && found.Folder.LinkTarget is null)
            .OrderBy(found => found.Day)
            .Select(found => (found.Day, found.Folder));
}

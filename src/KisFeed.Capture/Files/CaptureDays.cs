using System.Globalization;
using KisFeed.Wire;

namespace KisFeed.Capture.Files;

/// <summary>The folders of a capture: one for each day in Korea, by the time of receipt.</summary>
internal static class CaptureDays
{
    private const string Format = "yyyy-MM-dd";

    /// <summary>The day of a time of receipt.</summary>
    public static DateOnly Of(DateTimeOffset at) => DateOnly.FromDateTime(KoreaTime.From(at).DateTime);

    /// <summary>The name of a day's folder.</summary>
    public static string NameOf(DateOnly day) => day.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>The folders of a capture, earliest first; none if there is no such capture.</summary>
    public static IEnumerable<(DateOnly Day, string Path)> FoldersIn(string directory)
    {
        if (!Directory.Exists(directory))
            return [];
        return Directory.EnumerateDirectories(directory)
            .Select(path => (IsDay: DateOnly.TryParseExact(Path.GetFileName(path), Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day), Day: day, Path: path))
            .Where(folder => folder.IsDay)
            .Select(folder => (folder.Day, folder.Path))
            .Order();
    }

    /// <summary>The files of a feed in a folder.</summary>
    public static IEnumerable<string> FilesIn(string folder, string trId) => Directory.Exists(folder) ? Directory.EnumerateFiles(folder, $"{trId}-*.log.gz") : [];
}

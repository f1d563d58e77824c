using KisFeed.Cli.Options;

namespace KisFeed.Cli.Output;

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

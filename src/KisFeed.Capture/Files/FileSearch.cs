using System.IO.Enumeration;

namespace KisFeed.Capture.Files;

/// <summary>
/// Finds files below folders, each once whatever names it has: links to folders are not followed, so that a folder that contains itself
/// ends the search. A name that is not a link is preferred to links. Not thread-safe.
/// </summary>
internal sealed class FileSearch
{
    private readonly Dictionary<FileIdentity, string> _known = [];
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private readonly List<SkippedPath> _skipped = [];

    public IReadOnlyList<SkippedPath> Skipped => _skipped;

    /// <summary>Returns the files below a folder that were not found before, in order.</summary>
    /// <exception cref="IOException">A folder cannot be searched.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder cannot be searched.</exception>
    public List<string> In(string folder, Func<string, bool> includes, CancellationToken cancellationToken)
    {
        List<(string Path, bool IsLink)> found = [];
        foreach (var (path, isFolder, isLink) in Entries(folder, includes))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (isFolder)
                _skipped.Add(new SkippedPath(path, "is a link to a folder: links to folders are not followed"));
            else
                found.Add((path, isLink));
        }

        List<string> files = [];
        foreach (var (path, _) in found.OrderBy(file => file.IsLink).ThenBy(file => file.Path, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryAdd(path))
                files.Add(path);
        }

        return files;
    }

    /// <summary>Adds a file; <see langword="false"/> if it was found before, under this name or another one.</summary>
    public bool TryAdd(string path)
    {
        if (!_paths.Add(path))
            return false;
        if (FileIdentity.Of(path) is not { } identity || _known.TryAdd(identity, path))
            return true;
        _skipped.Add(new SkippedPath(path, $"is the same file as {_known[identity]}"));
        return false;
    }

    // The files, and the links to folders.
    private static FileSystemEnumerable<(string Path, bool IsFolder, bool IsLink)> Entries(string folder, Func<string, bool> includes)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false };
        return new FileSystemEnumerable<(string, bool, bool)>(
            folder, static (ref entry) => (entry.ToFullPath(), entry.IsDirectory, IsLink(ref entry)), options)
        {
            ShouldIncludePredicate = (ref entry) => entry.IsDirectory ? IsLink(ref entry) : includes(entry.FileName.ToString()),
            ShouldRecursePredicate = static (ref entry) => !IsLink(ref entry),
        };
    }

    // Folders of cloud storage on Windows have the attribute too, but are not links.
    private static bool IsLink(ref FileSystemEntry entry) =>
        entry.Attributes.HasFlag(FileAttributes.ReparsePoint) && entry.ToFileSystemInfo().LinkTarget is not null;
}

using System.Text.Json;

namespace KisFeed.Capture;

/// <summary>The manifest file of a day. Replaced as a whole, so that it is always one that can be read.</summary>
internal sealed class Manifest(string folder, DateOnly day)
{
    public const string FileName = "manifest.json";

    private const long LongestManifest = 16 << 20;

    private readonly SortedDictionary<string, ManifestEntry> _files = new(StringComparer.Ordinal);
    private bool _isChanged;
    private bool _isSaved;

    public string Path { get; } = System.IO.Path.Combine(folder, FileName);

    /// <summary>Whether somebody has removed it since it was written.</summary>
    public bool IsLost => _isSaved && !File.Exists(Path);

    /// <summary>Reads the manifest of a folder; one that is missing or cannot be read is empty, since all of it can be found out again.</summary>
    public static Manifest Read(string folder, DateOnly day)
    {
        var manifest = new Manifest(folder, day);
        foreach (var (file, entry) in Look(folder, out _))
            manifest._files[file] = entry;
        return manifest;
    }

    /// <summary>What the manifest of a folder says of its files, by their names.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="problem">Why it cannot be read, where it is there.</param>
    public static Dictionary<string, ManifestEntry> Look(string folder, out string? problem)
    {
        var files = new Dictionary<string, ManifestEntry>(StringComparer.Ordinal);
        problem = null;
        try
        {
            using var file = new FileStream(System.IO.Path.Combine(folder, FileName), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > LongestManifest)
                problem = "it is larger than a manifest can be";
            else if (JsonSerializer.Deserialize(file, ManifestJson.Default.ManifestContent) is { } content)
                Take(content, files);
            else
                problem = "it holds nothing";
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // All of it can be found out from the files.
        }
        catch (JsonException)
        {
            problem = "it is not the JSON of one";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = e.Message;
        }

        return files;
    }

    public ManifestEntry? Get(string file) => _files.GetValueOrDefault(file);

    public void Set(ManifestEntry entry)
    {
        _files[entry.File] = entry;
        _isChanged = true;
    }

    /// <summary>Whether it has no files.</summary>
    public bool IsEmpty => _files.Count == 0;

    public void Remove(string file) => _isChanged |= _files.Remove(file);

    /// <summary>Deletes the manifest file, if it is there.</summary>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    public void Delete()
    {
        File.Delete(Path);
        _isChanged = false;
        _isSaved = false;
    }

    /// <summary>Writes the manifest, if it has changed.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save()
    {
        if (!_isChanged)
            return;
        var temporary = $"{Path}.tmp";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            JsonSerializer.Serialize(file, new ManifestContent { Day = day, Files = [.. _files.Values] }, ManifestJson.Default.ManifestContent);
        File.Move(temporary, Path, overwrite: true);
        _isChanged = false;
        _isSaved = true;
    }

    // Of files elsewhere it has nothing to say.
    private static void Take(ManifestContent content, Dictionary<string, ManifestEntry> files)
    {
        foreach (var entry in content.Files.OfType<ManifestEntry>())
        {
            if (System.IO.Path.GetFileName(entry.File) == entry.File && entry.File.Length > 0)
                files[entry.File] = entry;
        }
    }
}

using System.Text.Json;

namespace KisFeed.Capture;

/// <summary>The manifest file of a day. Replaced as a whole, so that it is always one that can be read.</summary>
internal sealed class Manifest(string folder, DateOnly day)
{
    public const string FileName = "manifest.json";

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
        foreach (var entry in TryRead(manifest.Path)?.Files ?? [])
            manifest._files[entry.File] = entry;
        return manifest;
    }

    /// <summary>What the manifest of a folder says of a file; <see langword="null"/> where it says nothing.</summary>
    public static ManifestEntry? Find(string path) =>
        TryRead(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, FileName))?.Files.FirstOrDefault(entry => entry.File == System.IO.Path.GetFileName(path));

    public ManifestEntry? Get(string file) => _files.GetValueOrDefault(file);

    public void Set(ManifestEntry entry)
    {
        _files[entry.File] = entry;
        _isChanged = true;
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

    private static ManifestContent? TryRead(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return JsonSerializer.Deserialize(file, ManifestJson.Default.ManifestContent);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}

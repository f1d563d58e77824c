using System.Text.Json;
using System.Text.Json.Serialization;
using KisFeed.Output;

namespace KisFeed.Capture.Writing;

/// <summary>The manifest file of a day. It is replaced atomically, so that it is always readable.</summary>
internal sealed class Manifest(string folder, DateOnly day)
{
    public const string FileName = "manifest.json";

    private const long MaxLength = 16 << 20;

    private readonly SortedDictionary<string, ManifestEntry> _files = new(StringComparer.Ordinal);
    private bool _isChanged;
    private bool _isSaved;

    public string Path { get; } = System.IO.Path.Combine(folder, FileName);

    /// <summary>Whether it was removed since it was written.</summary>
    public bool IsLost => _isSaved && !File.Exists(Path);

    /// <summary>Reads the manifest of a folder. A missing or unreadable one is empty, because it can be rebuilt from the files.</summary>
    public static Manifest Read(string folder, DateOnly day)
    {
        var manifest = new Manifest(folder, day);
        foreach (var (file, entry) in ReadEntries(folder, out _))
            manifest._files[file] = entry;
        return manifest;
    }

    /// <summary>Reads the entries of a folder's manifest, by file name.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="problem">Why it cannot be read, if it exists.</param>
    public static Dictionary<string, ManifestEntry> ReadEntries(string folder, out string? problem)
    {
        var files = new Dictionary<string, ManifestEntry>(StringComparer.Ordinal);
        problem = null;
        try
        {
            using var file = new FileStream(
                System.IO.Path.Combine(folder, FileName), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > MaxLength)
                problem = "it is too large";
            else if (JsonSerializer.Deserialize(file, ManifestJson.Default.ManifestContent) is { } content)
                AddEntries(content, files);
            else
                problem = "it is empty";
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // It can be rebuilt from the files.
        }
        catch (JsonException)
        {
            problem = "it is not valid JSON";
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

    public bool IsEmpty => _files.Count == 0;

    public void Remove(string file) => _isChanged |= _files.Remove(file);

    /// <summary>Deletes the manifest file, if it exists.</summary>
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
        {
            JsonSerializer.Serialize(
                file, new ManifestContent { Day = day, Files = [.. _files.Values] }, ManifestJson.Default.ManifestContent);
        }
        File.Move(temporary, Path, overwrite: true);
        _isChanged = false;
        _isSaved = true;
    }

    // Entries with a path are ignored.
    private static void AddEntries(ManifestContent content, Dictionary<string, ManifestEntry> files)
    {
        foreach (var entry in content.Files.OfType<ManifestEntry>())
        {
            if (System.IO.Path.GetFileName(entry.File) == entry.File && entry.File.Length > 0)
                files[entry.File] = entry;
        }
    }
}

/// <summary>The JSON of a manifest: the content of a day's files.</summary>
internal sealed record ManifestContent
{
    public int Version { get; init; } = 1;

    /// <summary>The day in Korea.</summary>
    public required DateOnly Day { get; init; }

    public IReadOnlyList<ManifestEntry> Files { get; init; } = [];
}

internal sealed record ManifestEntry
{
    public required string File { get; init; }

    public required string Feed { get; init; }

    /// <summary>The keys that were registered; not those of order notices, which are HTS IDs.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    public DateTimeOffset? First { get; init; }

    public DateTimeOffset? Last { get; init; }

    public long Frames { get; init; }

    public long Bytes { get; init; }

    /// <summary>The checksum of the file, in hexadecimal; <see langword="null"/> while it is being written.</summary>
    public string? Sha256 { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(MomentConverter)])]
[JsonSerializable(typeof(ManifestContent))]
internal sealed partial class ManifestJson : JsonSerializerContext;

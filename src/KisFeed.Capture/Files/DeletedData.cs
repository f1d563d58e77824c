using System.Text.Json;
using System.Text.Json.Serialization;
using KisFeed.Output;

namespace KisFeed.Capture.Files;

/// <summary>
/// The file in which a recorder keeps up to when it has deleted the data of each feed, so that a program that reads the capture later knows
/// what it has missed. It is replaced as a whole. Not thread-safe.
/// </summary>
internal sealed class DeletedData(string folder)
{
    public const string FileName = "deleted.json";

    private readonly string _path = Path.Combine(folder, FileName);
    private SortedDictionary<string, DateTimeOffset>? _feeds;
    private bool _isChanged;

    /// <summary>Returns the time of the last deleted line of each feed. A missing or unreadable file is empty.</summary>
    public static IReadOnlyDictionary<string, DateTimeOffset> Read(string folder) => ReadFile(Path.Combine(folder, FileName));

    /// <summary>Adds that a feed's data up to a time are deleted.</summary>
    public void Add(string trId, DateTimeOffset until)
    {
        _feeds ??= ReadFile(_path);
        if (_feeds.TryGetValue(trId, out var known) && known >= until)
            return;
        _feeds[trId] = until;
        _isChanged = true;
    }

    /// <summary>Writes the file, if it has changed.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written.</exception>
    public void Save()
    {
        if (!_isChanged)
            return;
        var temporary = $"{_path}.tmp";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            JsonSerializer.Serialize(file, _feeds!, DeletedDataJson.Default.SortedDictionaryStringDateTimeOffset);
        File.Move(temporary, _path, overwrite: true);
        _isChanged = false;
    }

    private static SortedDictionary<string, DateTimeOffset> ReadFile(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return new SortedDictionary<string, DateTimeOffset>(
                JsonSerializer.Deserialize(file, DeletedDataJson.Default.SortedDictionaryStringDateTimeOffset) ?? [],
                StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return new SortedDictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        }
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, Converters = [typeof(MomentConverter)])]
[JsonSerializable(typeof(SortedDictionary<string, DateTimeOffset>))]
internal sealed partial class DeletedDataJson : JsonSerializerContext;

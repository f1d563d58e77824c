using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using KisFeed.Approval;

namespace KisFeed.Gateway.Consumers;

/// <summary>
/// The file beside the token file with the times when consumers last used the gateway, to the minute. Only the gateway writes
/// it, and only its owner can read it.
/// </summary>
internal sealed class LastUseFile(string tokenFile)
{
    private const int MaxBytes = ConsumerFile.MaxBytes;
    private const string Format = "yyyy-MM-dd'T'HH:mm'Z'";

    private readonly PrivateFile _file = new($"{tokenFile}.used");

    public string Path => _file.Path;

    /// <summary>Reads the times by consumer name. Empty if the file is missing or cannot be used, which is not worth an error.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Read()
    {
        var times = new Dictionary<string, DateTimeOffset>(ConsumerName.Comparer);
        try
        {
            using var stream = _file.OpenRead();
            if (stream.Length > MaxBytes)
                return times;
            using var json = JsonDocument.Parse(stream);
            foreach (var entry in json.RootElement.GetProperty("lastUsed"u8).EnumerateObject())
            {
                times[entry.Name] = DateTimeOffset.ParseExact(
                    entry.Value.GetString()!, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            }
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException
                or FormatException or ArgumentNullException)
        {
            // The entries that could be read are still used.
        }

        return times;
    }

    /// <summary>Merges later times into the file, and removes consumers that no longer exist.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The gateway has no permission to write the file.</exception>
    public async Task UpdateAsync(IReadOnlyDictionary<string, DateTimeOffset> times, Func<string, bool> exists)
    {
        // Another gateway may use the same token file.
        var guard = await _file.LockAsync(CancellationToken.None).ConfigureAwait(false);
        await using var _ = guard.ConfigureAwait(false);
        var merged = new SortedDictionary<string, string>(ConsumerName.Comparer);
        foreach (var time in Read().Concat(times).Where(time => exists(time.Key)).OrderBy(time => time.Value))
            merged[time.Key] = time.Value.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);
        var text = JsonSerializer.SerializeToUtf8Bytes(new LastUseContent(Version: 1, merged), LastUseJson.Default.LastUseContent);
        await _file.ReplaceAsync((byte[])[.. text, (byte)'\n'], CancellationToken.None).ConfigureAwait(false);
    }
}

/// <summary>Writes <see cref="LastUseContent"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(LastUseContent))]
internal sealed partial class LastUseJson : JsonSerializerContext;

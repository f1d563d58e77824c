using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace KisFeed.Gateway;

/// <summary>The file beside the token file that says when consumers last used the gateway, to the minute. The gateway alone writes it; only its owner can read it.</summary>
/// <param name="tokenFile">The token file.</param>
internal sealed class LastUseFile(string tokenFile)
{
    private const int MaxBytes = ConsumerFile.MaxBytes;
    private const string Format = "yyyy-MM-dd'T'HH:mm'Z'";

    private readonly PrivateFile _file = new($"{tokenFile}.used");

    /// <summary>Where it is, in full.</summary>
    public string Path => _file.Path;

    /// <summary>The times by the names of consumers. None where there is no such file, or it cannot be used: they are not worth an error.</summary>
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
                times[entry.Name] = DateTimeOffset.ParseExact(entry.Value.GetString()!, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentNullException)
        {
            // What could be read is good.
        }

        return times;
    }

    /// <summary>Takes later times over, and forgets consumers that are gone.</summary>
    /// <param name="times">The times.</param>
    /// <param name="exists">Whether there is a consumer of that name.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public async Task UpdateAsync(IReadOnlyDictionary<string, DateTimeOffset> times, Func<string, bool> exists)
    {
        // Another gateway may have the same token file.
        var guard = await _file.LockAsync(CancellationToken.None).ConfigureAwait(false);
        await using var _ = guard.ConfigureAwait(false);
        var merged = new SortedDictionary<string, DateTimeOffset>(Read().Where(time => exists(time.Key)).ToDictionary(ConsumerName.Comparer), ConsumerName.Comparer);
        foreach (var (name, at) in times.Where(time => exists(time.Key)))
            merged[name] = merged.TryGetValue(name, out var before) && before > at ? before : at;
        await _file.ReplaceAsync(Write(merged), CancellationToken.None).ConfigureAwait(false);
    }

    private static ReadOnlyMemory<byte> Write(SortedDictionary<string, DateTimeOffset> times)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("version"u8, 1);
            json.WriteStartObject("lastUsed"u8);
            foreach (var (name, at) in times)
                json.WriteString(name, at.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        text.Write("\n"u8);
        return text.WrittenMemory;
    }
}

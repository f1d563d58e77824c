using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KisFeed.Gateway.Streaming;

/// <summary>
/// A message of a WebSocket stream's client:
/// <c>{"subscribe":["index:0001"],"from":"09:00","unsubscribe":["index:1001"]}</c>, where either may be left out.
/// </summary>
internal sealed class StreamCommand
{
    public IReadOnlyList<string> Subscribe { get; set; } = [];

    public IReadOnlyList<string> Unsubscribe { get; set; } = [];

    /// <summary>The time from which the recorded past of the added keys is sent; <see langword="null"/> if the message has none.</summary>
    [DisallowNull]
    public string? From { get; set; }

    /// <summary>Parses a message; <see langword="null"/> if it is not valid.</summary>
    public static StreamCommand? Parse(ReadOnlySpan<byte> text)
    {
        try
        {
            if (JsonSerializer.Deserialize(text, StreamCommandJson.Default.StreamCommand) is not { } read)
                return null;
            IReadOnlyList<string?> keys = [.. read.Subscribe, .. read.Unsubscribe];
            return keys.Count > 0 && keys.All(key => key is not null) && (read.From is null || read.Subscribe.Count > 0) ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Reads commands strictly: a misspelled or repeated member would otherwise be ignored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StreamCommand))]
internal sealed partial class StreamCommandJson : JsonSerializerContext;

using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KisFeed.Gateway.Consumers;

/// <summary>
/// The content of a token file, as it is read and written. An unknown member is an error, because it might be a restriction.
/// <code>
/// { "version": 1, "consumers": [
///     { "name": "backtest", "appKey": "…36…", "secretSha256": "…64…",
///       "feeds": "all", or [ "H0UPCNT0" ], "notices": false, true, or [ "HTSID" ],
///       "operator": true, "limits": { "slots": 20, "connections": 8, "requestsPerSecond": 20 }, "created": "2026-11-20T00:30:01Z",
///       "expires": "2027-01-01T00:00:00Z",
///       "previous": { "appKey": "…36…", "secretSha256": "…64…", "until": "2026-11-21T00:30:01Z" } } ] }
/// </code>
/// <c>operator</c>, <c>limits</c> and each of its members, <c>expires</c> and <c>previous</c> may be
/// missing, but not <see langword="null"/>.
/// </summary>
internal sealed class ConsumerFileContent
{
    public const int CurrentVersion = 1;

    public required int Version { get; init; }

    public required ConsumerEntry?[] Consumers { get; init; }
}

/// <summary>The feeds, or the HTS IDs of order notices, that a consumer may register for.</summary>
/// <param name="All">Whether it may register for all.</param>
/// <param name="Only">The TR IDs or HTS IDs, if they are listed.</param>
internal readonly record struct GrantedKeys(bool All, ImmutableArray<string>? Only);

/// <summary>Reads and writes <see cref="ConsumerFileContent"/>.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(ConsumerFileContent))]
internal sealed partial class ConsumerFileJson : JsonSerializerContext;

/// <summary>A value is not valid. The message does not contain it; the serializer adds the line.</summary>
internal sealed class ConsumerFileException(string problem) : JsonException(problem);

/// <summary>A text with a rule.</summary>
internal abstract class TextConverter(Func<string, bool> isValid, string problem) : StrictConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ReadText(ref reader) is var text && isValid(text) ? text : throw new ConsumerFileException(problem);

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

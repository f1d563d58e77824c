using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using KisFeed.Wire;

namespace KisFeed.Gateway.Consumers;

/// <summary>A consumer in the file. Members that are missing are <see langword="null"/>.</summary>
internal sealed class ConsumerEntry
{
    [JsonConverter(typeof(NameConverter))]
    public string? Name { get; init; }

    /// <summary>Secret.</summary>
    [JsonConverter(typeof(AppKeyConverter))]
    public string? AppKey { get; init; }

    /// <summary>Secret.</summary>
    [JsonConverter(typeof(HashConverter))]
    public byte[]? SecretSha256 { get; init; }

    [JsonConverter(typeof(FeedsConverter))]
    public GrantedKeys? Feeds { get; init; }

    [JsonConverter(typeof(NoticesConverter))]
    public GrantedKeys? Notices { get; init; }

    [JsonConverter(typeof(FlagConverter))]
    public bool? Operator { get; init; }

    [DisallowNull]
    public ConsumerLimitsEntry? Limits { get; init; }

    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? Created { get; init; }

    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? Expires { get; init; }

    [DisallowNull]
    public PreviousEntry? Previous { get; init; }
}

/// <summary>The limits of a consumer.</summary>
internal sealed class ConsumerLimitsEntry
{
    [JsonConverter(typeof(CountConverter))]
    public int? Slots { get; init; }

    [JsonConverter(typeof(CountConverter))]
    public int? Connections { get; init; }

    [JsonConverter(typeof(CountConverter))]
    public int? RequestsPerSecond { get; init; }
}

/// <summary>The previous credentials of a consumer.</summary>
internal sealed class PreviousEntry
{
    /// <summary>Secret.</summary>
    [JsonConverter(typeof(AppKeyConverter))]
    public string? AppKey { get; init; }

    /// <summary>Secret.</summary>
    [JsonConverter(typeof(HashConverter))]
    public byte[]? SecretSha256 { get; init; }

    [JsonConverter(typeof(TimeConverter))]
    public DateTimeOffset? Until { get; init; }
}

internal sealed class NameConverter()
    : TextConverter(static text => ConsumerName.IsValid(text), $"expected \"name\" to be {ConsumerName.Format}");

internal sealed class AppKeyConverter()
    : TextConverter(ConsumerCredentials.IsAppKey, $"expected \"appKey\" to be {ConsumerCredentials.AppKeyLength} letters and digits");

internal sealed class HashConverter : StrictConverter<byte[]?>
{
    private const int HashDigits = 64;

    public override byte[]? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ReadText(ref reader) is { Length: HashDigits } text && text.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(text)
            : throw new ConsumerFileException($"expected \"secretSha256\" to be {HashDigits} hexadecimal digits");

    public override void Write(Utf8JsonWriter writer, byte[]? value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Convert.ToHexStringLower(value!));
}

internal sealed class FeedsConverter : StrictConverter<GrantedKeys?>
{
    private const string AllFeeds = "all";

    public override GrantedKeys? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.String when ReadText(ref reader) == AllFeeds => new GrantedKeys(All: true, Only: null),
            JsonTokenType.StartArray => new GrantedKeys(
                All: false, ReadTexts(ref reader, static text => DataFrame.IsTrId(text), "expected a TR ID, 1 to 16 letters and digits")),
            _ => throw new ConsumerFileException($"expected \"{AllFeeds}\" or an array of TR IDs"),
        };

    public override void Write(Utf8JsonWriter writer, GrantedKeys? value, JsonSerializerOptions options)
    {
        if (value is { Only: { } trIds })
            WriteTexts(writer, trIds);
        else
            writer.WriteStringValue(AllFeeds);
    }
}

internal sealed class NoticesConverter : StrictConverter<GrantedKeys?>
{
    public override GrantedKeys? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.True or JsonTokenType.False => new GrantedKeys(All: reader.GetBoolean(), Only: null),
            JsonTokenType.StartArray => new GrantedKeys(All: false, ReadTexts(ref reader, Consumer.IsHtsId, "expected an HTS ID")),
            _ => throw new ConsumerFileException("expected true, false or an array of HTS IDs"),
        };

    public override void Write(Utf8JsonWriter writer, GrantedKeys? value, JsonSerializerOptions options)
    {
        if (value is { Only: { } htsIds })
            WriteTexts(writer, htsIds);
        else
            writer.WriteBooleanValue(value is { All: true });
    }
}

internal sealed class FlagConverter : StrictConverter<bool?>
{
    public override bool? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.True or JsonTokenType.False
            ? reader.GetBoolean()
            : throw new ConsumerFileException("expected true or false");

    public override void Write(Utf8JsonWriter writer, bool? value, JsonSerializerOptions options) =>
        writer.WriteBooleanValue(value is true);
}

internal sealed class CountConverter : StrictConverter<int?>
{
    public override int? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var count) && count >= 1
            ? count
            : throw new ConsumerFileException("expected a whole number of at least 1");

    public override void Write(Utf8JsonWriter writer, int? value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.GetValueOrDefault());
}

internal sealed class TimeConverter : StrictConverter<DateTimeOffset?>
{
    public override DateTimeOffset? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var time)
            ? time.ToUniversalTime()
            : throw new ConsumerFileException("expected a time, as in \"2026-11-20T00:30:01Z\"");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset? value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.GetValueOrDefault().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
}

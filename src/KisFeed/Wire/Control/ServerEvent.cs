using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using KisFeed.Output;

namespace KisFeed.Wire.Control;

/// <summary>
/// A message of a KisFeed server to a client that asked for such messages, in order with the frames:
/// <c>{"kisfeed":{"event":"gap","trId":"H0UPCNT0","key":"0001","from":"…","to":"…","reason":"connectionLost"}}</c>. The
/// broker's protocol has no such messages.
/// </summary>
internal sealed record ServerEvent : ControlMessage
{
    /// <summary>The version of these messages that a server offers and a client asks for.</summary>
    public const int Version = 1;

    /// <summary>
    /// The member of the answer to <c>/oauth2/Approval</c> by which a server offers these messages:
    /// <c>{"approval_key":"…","kisfeed":{"events":1}}</c>.
    /// </summary>
    public const string Offer = "kisfeed";

    /// <summary>The parameter of a WebSocket address by which a client asks for these messages.</summary>
    public const string Parameter = "events";

    [JsonPropertyName("event")]
    public required ServerEventKind Kind { get; init; }

    /// <summary>The TR ID of the registration; <see langword="null"/> for events of the connection.</summary>
    public string? TrId { get; init; }

    /// <summary>The key of the registration; <see langword="null"/> for events of the connection.</summary>
    [JsonPropertyName("key")]
    public string? TrKey { get; init; }

    /// <summary>The time at which an interruption was noticed.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>The time at which the server received the last frame before a gap; <see langword="null"/> if there was none.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The time at which the server received the first frame after a gap; <see langword="null"/> if none followed.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Why data are missing, e.g. <c>connectionLost</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>The number of frames that the server dropped in a gap; <see langword="null"/> if it dropped none.</summary>
    public long? Frames { get; init; }

    /// <summary>The broker's code for a refusal.</summary>
    public string? Code { get; init; }

    /// <summary>The broker's text for a refusal.</summary>
    public string? Text { get; init; }

    /// <summary>The source of the data: <c>service</c>, <c>simulation</c> or <c>replay</c>.</summary>
    public string? Source { get; init; }

    /// <summary>The trading day of the frames that follow, which a simulator or a replay states with the source.</summary>
    public DateOnly? Day { get; init; }

    private static ReadOnlySpan<byte> Beginning => "{\"kisfeed\":"u8;

    public void Write(IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output);
        JsonSerializer.Serialize(json, new ServerEventMessage(this), ServerEventJson.Default.ServerEventMessage);
    }

    /// <summary>Whether a text is a message of this kind, valid or not.</summary>
    internal static bool Begins(ReadOnlySpan<byte> utf8) => utf8.StartsWith(Beginning);

    /// <summary>Reads a message.</summary>
    /// <returns><see langword="null"/> if the message is not valid or its kind is unknown to this version.</returns>
    internal static ServerEvent? TryRead(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var read = JsonSerializer.Deserialize(utf8, ServerEventJson.Default.ServerEventMessage)?.Kisfeed;
            return read is null
                ? null
                : read with
                {
                    TrId = Clean(read.TrId),
                    TrKey = Clean(read.TrKey),
                    Reason = Clean(read.Reason),
                    Code = Clean(read.Code),
                    Text = Clean(read.Text),
                    Source = Clean(read.Source),
                };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Clean(string? text) => text is null ? null : PrintableText.Clean(text);
}

internal enum ServerEventKind
{
    /// <summary>Data of a registration may be missing from here on.</summary>
    [JsonStringEnumMemberName("interruption")]
    Interruption,

    /// <summary>Data of a registration are missing here. Its next frame follows.</summary>
    [JsonStringEnumMemberName("gap")]
    Gap,

    /// <summary>A granted registration has ended permanently.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>The source of the data, and the trading day of the frames that follow, if it states one.</summary>
    [JsonStringEnumMemberName("source")]
    Source,

    /// <summary>A recorded day has ended: no more data follow.</summary>
    [JsonStringEnumMemberName("end")]
    End,
}

/// <summary>The object that a <see cref="ServerEvent"/> is a member of.</summary>
internal sealed record ServerEventMessage(ServerEvent? Kisfeed);

/// <summary>Reads and writes <see cref="ServerEventMessage"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(MomentConverter)])]
[JsonSerializable(typeof(ServerEventMessage))]
internal sealed partial class ServerEventJson : JsonSerializerContext;

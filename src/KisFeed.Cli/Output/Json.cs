using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace KisFeed.Cli.Output;

/// <summary>The JSON objects that commands write: names in camel case, moments in UTC, Hangul unescaped.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions s_line = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new UtcConverter(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private static readonly JsonSerializerOptions s_document = new(s_line) { WriteIndented = true };
    private static readonly JsonSerializerOptions s_withoutNulls =
        new(s_line) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Returns an object as a line.</summary>
    public static string Line(object value) => $"{JsonSerializer.Serialize(value, s_line)}\n";

    /// <summary>Returns an object as a line, without the members that are <see langword="null"/>.</summary>
    public static string LineWithoutNulls(object value) => $"{JsonSerializer.Serialize(value, s_withoutNulls)}\n";

    /// <summary>Returns an object as an indented document.</summary>
    public static string Document(object value) => $"{JsonSerializer.Serialize(value, s_document)}\n";

    /// <summary>Returns an object to which members are added.</summary>
    public static JsonObject ObjectOf(object value) => JsonSerializer.SerializeToNode(value, s_line)!.AsObject();

    private sealed class UtcConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(TimeText.Utc(value));
    }
}

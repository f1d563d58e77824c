using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace KisFeed.Cli.Output;

/// <summary>The JSON objects that commands write, with Hangul unescaped.</summary>
internal static class Json
{
    /// <summary>Returns an object as a line.</summary>
    public static string Line<T>(T value, JsonTypeInfo<T> type) => Text(json => JsonSerializer.Serialize(json, value, type));

    /// <summary>Returns an object as a line.</summary>
    public static string Line(JsonObject value) => Text(json => value.WriteTo(json));

    /// <summary>Returns an object as an indented document.</summary>
    public static string Document<T>(T value, JsonTypeInfo<T> type) => Document(json => JsonSerializer.Serialize(json, value, type));

    /// <summary>Returns what a function writes as an indented document.</summary>
    public static string Document(Action<Utf8JsonWriter> write) => Text(write, isIndented: true);

    private static string Text(Action<Utf8JsonWriter> write, bool isIndented = false)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, RecordJson.WriterOptions with { Indented = isIndented }))
            write(json);
        return $"{Encoding.UTF8.GetString(text.WrittenSpan)}\n";
    }
}

/// <summary>Writes moments in UTC.</summary>
internal sealed class UtcConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(TimeText.Utc(value));
}

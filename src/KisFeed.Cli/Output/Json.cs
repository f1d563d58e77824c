using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace KisFeed.Cli.Output;

/// <summary>The JSON objects that commands write: names in camel case, moments in UTC, Hangul unescaped.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions s_line =
        new(CommandJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions s_document = new(s_line) { WriteIndented = true };
    private static readonly JsonSerializerOptions s_withoutNulls =
        new(s_line) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Returns an object as a line.</summary>
    public static string Line<T>(T value) => $"{JsonSerializer.Serialize(value, Of<T>(s_line))}\n";

    /// <summary>Returns an object as a line, without the members that are <see langword="null"/>.</summary>
    public static string LineWithoutNulls<T>(T value) => $"{JsonSerializer.Serialize(value, Of<T>(s_withoutNulls))}\n";

    /// <summary>Returns an object as an indented document.</summary>
    public static string Document<T>(T value) => $"{JsonSerializer.Serialize(value, Of<T>(s_document))}\n";

    /// <summary>Returns an object to which members are added.</summary>
    public static JsonObject ObjectOf<T>(T value) => JsonSerializer.SerializeToNode(value, Of<T>(s_line))!.AsObject();

    private static JsonTypeInfo<T> Of<T>(JsonSerializerOptions options) => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
}

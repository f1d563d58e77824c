using System.Text.Json;
using System.Text.Json.Serialization;
using KisFeed.Coordination;

namespace KisFeed.Cli.Clusters;

/// <summary>Writes the state of a cluster for programs.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(SecondsConverter), typeof(CamelCaseConverter<PlacementState>)])]
[JsonSerializable(typeof(ClusterStatus))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class ClusterStatusJson : JsonSerializerContext
{
    /// <summary>Writes the members of an object.</summary>
    public static void Write(Utf8JsonWriter json, ClusterStatus status, IReadOnlyList<string> problems)
    {
        json.WriteBoolean("isHealthy"u8, problems.Count == 0);
        json.WritePropertyName("problems"u8);
        JsonSerializer.Serialize(json, problems, Default.IReadOnlyListString);
        foreach (var member in JsonSerializer.SerializeToElement(status, Default.ClusterStatus).EnumerateObject())
            member.WriteTo(json);
    }
}

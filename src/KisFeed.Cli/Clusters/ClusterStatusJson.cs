using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KisFeed.Coordination;

namespace KisFeed.Cli.Clusters;

/// <summary>The state of a cluster for programs.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(SecondsConverter), typeof(CamelCaseConverter<PlacementState>)])]
[JsonSerializable(typeof(ClusterStatus))]
internal sealed partial class ClusterStatusJson : JsonSerializerContext
{
    /// <summary>Returns it as a line.</summary>
    public static string LineOf(ClusterStatus status, IReadOnlyList<string> problems)
    {
        var json = JsonSerializer.SerializeToNode(status, Default.ClusterStatus)!.AsObject();
        json.Insert(0, "isHealthy", problems.Count == 0);
        json.Insert(1, "problems", new JsonArray([.. problems.Select(problem => JsonValue.Create(problem))]));
        return Json.Line(json);
    }
}

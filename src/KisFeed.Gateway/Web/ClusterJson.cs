using System.Text.Json;
using KisFeed.Output;

namespace KisFeed.Gateway.Web;

/// <summary>Writes the status of the cluster that a gateway belongs to. Only operators see names of gateways, because they are those of machines by default.</summary>
internal static class ClusterJson
{
    /// <summary>Writes a member with the cluster; null if the gateway belongs to none.</summary>
    public static void Write(Utf8JsonWriter json, GatewayCluster? cluster, bool isForOperator)
    {
        if (cluster is null)
        {
            json.WriteNull("cluster"u8);
            return;
        }

        json.WriteStartObject("cluster"u8);
        json.WriteString("node"u8, isForOperator ? cluster.Node : null);
        json.WriteString("role"u8, JsonName.Of(cluster.Role));
        json.WriteNumber("appKeys"u8, cluster.AppKeys.Count);
        json.WriteNumber("heldAppKeys"u8, cluster.HeldAppKeys);
        ItemJson.WriteTime(json, "problemSince"u8, cluster.ProblemSince);
        json.WriteString("problem"u8, cluster.Problem);
        ItemJson.WriteTime(json, "readAt"u8, cluster.ReadAt);
        WriteKeys(json, cluster.Keys);
        WriteList(json, "nodes"u8, isForOperator ? cluster.Nodes : null, WriteNode);
        WriteList(json, "leases"u8, isForOperator ? cluster.Leases : null, WriteLease);
        WriteList(json, "problems"u8, isForOperator ? cluster.Problems : null, static (json, problem) => json.WriteStringValue(problem));
        json.WriteEndObject();
    }

    private static void WriteKeys(Utf8JsonWriter json, GatewayClusterKeys? keys)
    {
        if (keys is null)
        {
            json.WriteNull("keys"u8);
            return;
        }

        json.WriteStartObject("keys"u8);
        json.WriteNumber("wanted"u8, keys.Wanted);
        json.WriteNumber("waiting"u8, keys.Waiting);
        json.WriteNumber("free"u8, keys.Free);
        json.WriteNumber("claimed"u8, keys.Claimed);
        json.WriteNumber("registered"u8, keys.Registered);
        json.WriteNumber("releasing"u8, keys.Releasing);
        json.WriteNumber("refused"u8, keys.Refused);
        json.WriteEndObject();
    }

    private static void WriteNode(Utf8JsonWriter json, GatewayClusterNode node)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, node.Name);
        json.WriteString("role"u8, JsonName.Of(node.Role));
        json.WriteBoolean("isPresent"u8, node.IsPresent);
        json.WriteNumber("wanted"u8, node.Wanted);
        json.WriteNumber("appKeys"u8, node.AppKeys);
        if (node.Lag is { } lag)
            json.WriteNumber("lagSeconds"u8, Math.Round(lag.TotalSeconds, 3));
        else
            json.WriteNull("lagSeconds"u8);
        json.WriteEndObject();
    }

    private static void WriteLease(Utf8JsonWriter json, GatewayClusterLease lease)
    {
        json.WriteStartObject();
        json.WriteString("appKey"u8, lease.AppKey);
        json.WriteString("environment"u8, lease.Environment);
        json.WriteString("holder"u8, lease.Holder);
        json.WriteNumber("epoch"u8, lease.Epoch);
        json.WriteBoolean("isHeld"u8, lease.IsHeld);
        json.WriteNumber("keys"u8, lease.Keys);
        json.WriteNumber("places"u8, lease.Places);
        json.WriteEndObject();
    }

    private static void WriteList<TItem>(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<TItem>? items, Action<Utf8JsonWriter, TItem> write)
    {
        if (items is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartArray(name);
        foreach (var item in items)
            write(json, item);
        json.WriteEndArray();
    }
}

using System.Text.Json;
using KisFeed.Coordination;

namespace KisFeed.Cli.Clusters;

/// <summary>Writes the state of a cluster for programs.</summary>
internal static class ClusterStatusJson
{
    /// <summary>Writes the members of an object.</summary>
    public static void Write(Utf8JsonWriter json, ClusterStatus status, IReadOnlyList<string> problems)
    {
        json.WriteString("at"u8, status.At);
        json.WriteBoolean("isHealthy"u8, problems.Count == 0);
        json.WriteStartArray("problems"u8);
        foreach (var problem in problems)
            json.WriteStringValue(problem);
        json.WriteEndArray();
        json.WriteStartArray("nodes"u8);
        foreach (var node in status.Nodes)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, node.Name);
            json.WriteString("role"u8, node.IsEdge ? "edge"u8 : "ingest"u8);
            json.WriteBoolean("isPresent"u8, node.ExpiresIn > TimeSpan.Zero);
            json.WriteNumber("wanted"u8, node.Wanted);
            if (node.Lag is { } lag)
                json.WriteNumber("lagSeconds"u8, Math.Round(lag.TotalSeconds, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("leases"u8);
        foreach (var lease in status.Leases)
        {
            json.WriteStartObject();
            json.WriteString("appKey"u8, lease.AppKey);
            json.WriteString("environment"u8, lease.Environment);
            json.WriteString("holder"u8, lease.Holder);
            json.WriteNumber("epoch"u8, lease.Epoch);
            json.WriteBoolean("isHeld"u8, ClusterHealth.IsHeld(lease));
            json.WriteNumber("expiresInSeconds"u8, Math.Round(lease.ExpiresIn.TotalSeconds, 3));
            json.WriteNumber("keys"u8, lease.Keys);
            json.WriteNumber("places"u8, lease.Places);
            json.WriteNumber("attemptsInHour"u8, lease.AttemptsInHour);
            json.WriteNumber("registrationsInHour"u8, lease.RegistrationsInHour);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("keys"u8);
        foreach (var key in status.Keys)
        {
            json.WriteStartObject();
            json.WriteString("environment"u8, key.Key.Environment);
            json.WriteString("trId"u8, key.Key.TrId);
            json.WriteString("key"u8, key.Key.Key);
            json.WriteString("state"u8, ClusterStatusText.NameOf(key.State));
            json.WriteString("appKey"u8, key.AppKey);
            json.WriteNumber("leaseEpoch"u8, key.LeaseEpoch);
            json.WriteNumber("keyEpoch"u8, key.KeyEpoch);
            json.WriteNumber("edges"u8, key.Edges);
            if (key.Code.Length > 0)
                json.WriteString("code"u8, key.Code);
            if (key.Text.Length > 0)
                json.WriteString("text"u8, key.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

using System.Text.Json;
using KisFeed.Coordination;

namespace KisFeed.Cli.Clusters;

/// <summary>Writes the state of a cluster for people.</summary>
internal static class ClusterStatusText
{
    /// <summary>Writes it.</summary>
    public static void Write(TextWriter text, ClusterStatus status, IReadOnlyList<string> problems, bool hasAllKeys)
    {
        WriteNodes(text, status);
        WriteLeases(text, status);
        WriteKeys(text, status, hasAllKeys);
        text.Write($"\n{(problems.Count == 0 ? "Healthy" : "Problems")}\n");
        foreach (var problem in problems)
            text.Write($"  {problem}\n");
    }

    private static void WriteNodes(TextWriter text, ClusterStatus status)
    {
        text.Write($"{CountText.Of(status.Nodes.Count, "node")}\n");
        if (status.Nodes.Count == 0)
            return;
        var table = new TextTable("node", "role", "-wants", "-app keys", "-behind", "state");
        foreach (var node in status.Nodes)
        {
            var held = status.Leases.Count(lease => lease.Holder == node.Name && ClusterHealth.IsHeld(lease));
            table.Add(
                node.Name,
                node.IsEdge ? "edge" : held > 0 ? "ingest" : "standby",
                node.IsEdge ? Count(node.Wanted) : "",
                node.IsEdge ? "" : Count(held),
                node.Lag is { } lag ? ClusterHealth.Seconds(lag) : "",
                node.ExpiresIn > TimeSpan.Zero ? "" : "gone");
        }

        table.WriteTo(text);
    }

    private static void WriteLeases(TextWriter text, ClusterStatus status)
    {
        text.Write($"\n{CountText.Of(status.Leases.Count, "app key")}\n");
        if (status.Leases.Count == 0)
            return;
        var table = new TextTable("app key", "service", "holder", "-epoch", "-keys", "-places", "-attempts/h", "-registrations/h", "lease");
        foreach (var lease in status.Leases)
        {
            table.Add(
                lease.AppKey,
                lease.Environment.ToLowerInvariant(),
                lease.Holder ?? "",
                Count(lease.Epoch),
                Count(lease.Keys),
                Count(lease.Places),
                Count(lease.AttemptsInHour),
                Count(lease.RegistrationsInHour),
                lease.Holder is null ? "free" : lease.ExpiresIn > TimeSpan.Zero ? ClusterHealth.Seconds(lease.ExpiresIn) : "expired");
        }

        table.WriteTo(text);
    }

    private static void WriteKeys(TextWriter text, ClusterStatus status, bool hasAllKeys)
    {
        text.Write($"\n{CountText.Of(status.Keys.Count, "key")}\n");
        foreach (var state in status.Keys.GroupBy(key => key.State).OrderBy(group => group.Key))
            text.Write($"  {NameOf(state.Key)}: {state.Count():N0}\n");
        var listed = status.Keys.Where(key => hasAllKeys || key.State is not (PlacementState.Registered or PlacementState.Releasing)).ToList();
        if (listed.Count == 0)
            return;
        var table = new TextTable("feed", "key", "state", "app key", "-epoch", "-edges", "code");
        foreach (var key in listed)
            table.Add(key.Key.TrId, key.Key.Key, NameOf(key.State), key.AppKey ?? "", Count(key.KeyEpoch), Count(key.Edges), string.Join(' ', key.Code, key.Text).Trim());
        text.Write('\n');
        table.WriteTo(text);
    }

    /// <summary>The name of a state.</summary>
    public static string NameOf(PlacementState state) => state.ToString().ToLowerInvariant();

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}

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

using KisFeed.Coordination;

namespace KisFeed.Cli.Clusters;

/// <summary>The state of a cluster for people.</summary>
internal static class ClusterStatusText
{
    public static string Of(ClusterStatus status, IReadOnlyList<string> problems, bool hasAllKeys)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        WriteNodes(text, status);
        WriteLeases(text, status);
        WriteKeys(text, status, hasAllKeys);
        text.Write($"\n{(problems.Count == 0 ? "Healthy" : "Problems")}\n");
        foreach (var problem in problems)
            text.Write($"  {problem}\n");
        return text.ToString();
    }

    private static void WriteNodes(TextWriter text, ClusterStatus status)
    {
        text.Write($"{CountText.Of(status.Nodes.Count, "node")}\n");
        if (status.Nodes.Count == 0)
            return;
        var table = new TextTable("node", "role", "-wants", "-app keys", "-behind", "state");
        foreach (var node in status.Nodes)
        {
            var held = status.HeldBy(node);
            table.Add(
                node.Name,
                node.IsEdge ? "edge" : held > 0 ? "ingest" : "standby",
                node.IsEdge ? Count(node.Wanted) : "",
                node.IsEdge ? "" : Count(held),
                node.Lag is { } lag ? ClusterHealth.Seconds(lag) : "",
                node.IsPresent ? "" : "gone");
        }

        table.WriteTo(text);
    }

    private static void WriteLeases(TextWriter text, ClusterStatus status)
    {
        text.Write($"\n{CountText.Of(status.Leases.Count, "app key")}\n");
        if (status.Leases.Count == 0)
            return;
        var table = new TextTable("app key", "service", "holder", "-epoch", "-keys", "-slots", "-attempts/h", "-registrations/h", "lease");
        foreach (var lease in status.Leases)
        {
            table.Add(
                lease.AppKey,
                lease.Environment.ToLowerInvariant(),
                lease.Holder ?? "",
                Count(lease.Epoch),
                Count(lease.Keys),
                Count(lease.Slots),
                Count(lease.AttemptsInHour),
                Count(lease.RegistrationsInHour),
                lease.Holder is null ? "free" : lease.IsHeld ? ClusterHealth.Seconds(lease.ExpiresIn) : "expired");
        }

        table.WriteTo(text);
    }

    private static void WriteKeys(TextWriter text, ClusterStatus status, bool hasAllKeys)
    {
        text.Write($"\n{CountText.Of(status.Keys.Count, "key")}\n");
        foreach (var state in status.Keys.GroupBy(key => key.State).OrderBy(group => group.Key))
            text.Write($"  {NameOf(state.Key)}: {state.Count():N0}\n");
        var listed = status.Keys.Where(key => hasAllKeys || key.State is not (PlacementState.Registered or PlacementState.Releasing))
            .ToList();
        if (listed.Count == 0)
            return;
        var table = new TextTable("feed", "key", "state", "app key", "-epoch", "-edges", "code");
        foreach (var key in listed)
        {
            table.Add(
                key.TrId, key.Key, NameOf(key.State), key.AppKey ?? "", Count(key.KeyEpoch), Count(key.Edges),
                string.Join(' ', key.Code, key.Text).Trim());
        }
        text.Write('\n');
        table.WriteTo(text);
    }

    private static string NameOf(PlacementState state) => state.ToString().ToLowerInvariant();

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}

using KisFeed.Coordination;

namespace KisFeed.Cli.Clusters;

/// <summary>What is wrong with a cluster.</summary>
internal static class ClusterHealth
{
    private static readonly TimeSpan s_maxLag = TimeSpan.FromSeconds(10);

    /// <summary>The problems, each in a line.</summary>
    public static IReadOnlyList<string> ProblemsOf(ClusterStatus status)
    {
        var problems = new List<string>();
        if (status.Leases.Count == 0)
            problems.Add("no ingest has ever held an app key");
        foreach (var lease in status.Leases.Where(lease => !lease.IsHeld))
        {
            problems.Add($"app key {lease.AppKey} has no ingest: "
                + $"{(lease.Holder is null ? "the last one has ended" : $"the lease of {lease.Holder} has expired")}");
        }
        if (status.WaitingKeys is > 0 and var waiting)
            problems.Add($"{CountText.Of(waiting, "wanted key")} {(waiting == 1 ? "is" : "are")} not registered");
        if (status.KeyCounts.FirstOrDefault(count => count.State == PlacementState.Refused) is { Wanted: > 0 and var refused })
            problems.Add($"{CountText.Of(refused, "wanted key")} {(refused == 1 ? "was" : "were")} refused by the broker");
        foreach (var node in status.Nodes.Where(node => node.IsPresent && node.Lag > s_maxLag))
            problems.Add($"{node.Name} is {Seconds(node.Lag!.Value)} behind");
        return problems;
    }

    /// <summary>A duration in seconds.</summary>
    public static string Seconds(TimeSpan duration) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0} s");
}

using KisFeed.Cli.Captures;
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
        foreach (var lease in status.Leases.Where(lease => !IsHeld(lease)))
            problems.Add($"app key {lease.AppKey} has no ingest: {(lease.Holder is null ? "the last one has ended" : $"the lease of {lease.Holder} has expired")}");
        foreach (var (state, keys) in status.Keys.Where(key => key.Edges > 0).GroupBy(key => key.State).Select(group => (group.Key, group.Count())))
        {
            if (state is PlacementState.Free or PlacementState.Claimed)
                problems.Add($"{CountText.Of(keys, "wanted key")} {(keys == 1 ? "is" : "are")} not registered");
            else if (state == PlacementState.Refused)
                problems.Add($"{CountText.Of(keys, "wanted key")} {(keys == 1 ? "was" : "were")} refused by the broker");
        }

        foreach (var node in status.Nodes.Where(node => node.ExpiresIn > TimeSpan.Zero && node.Lag > s_maxLag))
            problems.Add($"{node.Name} is {Seconds(node.Lag!.Value)} behind");
        return problems;
    }

    /// <summary>Whether an ingest holds a lease.</summary>
    public static bool IsHeld(ClusterLease lease) => lease.Holder is not null && lease.ExpiresIn > TimeSpan.Zero;

    /// <summary>A duration in seconds.</summary>
    public static string Seconds(TimeSpan duration) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0} s");
}

namespace KisFeed.Coordination.Tests.Staging;

/// <summary>Counts keys as the database does.</summary>
internal static class KeyCounts
{
    public static IEnumerable<ClusterKeyCount> Counted(this IEnumerable<ClusterPlacement> keys) =>
        keys.GroupBy(key => key.State).OrderBy(group => group.Key)
            .Select(group => new ClusterKeyCount(group.Key, group.Count(), group.Count(key => key.Edges > 0)));
}

namespace KisFeed.Coordination.Tests.Staging;

/// <summary>The row of a key in the reference store.</summary>
internal sealed class KeyRow(ClusterKey key)
{
    public ClusterKey Key => key;

    public LeaseRow? Holder { get; set; }

    public long HolderEpoch { get; set; }

    public long KeyEpoch { get; set; }

    public PlacementState State { get; set; }

    public string Code { get; set; } = "";

    public string Text { get; set; } = "";

    public TimeSpan ChangedAt { get; set; }

    public TimeSpan ClaimedAt { get; set; }

    public TimeSpan? UnwantedSince { get; set; }

    public TimeSpan RefusedUntil { get; set; } = TimeSpan.MinValue;

    public HashSet<string> Avoid { get; } = new(StringComparer.Ordinal);

    public TimeSpan AvoidUntil { get; set; } = TimeSpan.MinValue;

    /// <summary>Edges that want it.</summary>
    public int Edges { get; set; }

    public bool IsOrphaned(TimeSpan takeoverDelay, TimeSpan now) => Holder is not null && Holder.ExpiresAt + takeoverDelay <= now;
}

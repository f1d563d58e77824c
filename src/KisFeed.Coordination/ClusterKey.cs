namespace KisFeed.Coordination;

/// <summary>A key of a feed of a service: what the consumers of a cluster want, and what exactly one of its ingests registers.</summary>
/// <param name="Environment">The name of the service, e.g. <c>Production</c>. The same feed and key of
/// another service is another key.</param>
/// <param name="TrId">The TR ID of the feed.</param>
/// <param name="Key">The key within the feed.</param>
public readonly record struct ClusterKey(string Environment, string TrId, string Key) : IComparable<ClusterKey>
{
    /// <summary>Orders keys by their characters: environment, feed, key.</summary>
    public int CompareTo(ClusterKey other)
    {
        var order = string.CompareOrdinal(Environment, other.Environment);
        if (order == 0)
            order = string.CompareOrdinal(TrId, other.TrId);
        return order != 0 ? order : string.CompareOrdinal(Key, other.Key);
    }

    /// <summary>Compares two keys.</summary>
    public static bool operator <(ClusterKey left, ClusterKey right) => left.CompareTo(right) < 0;

    /// <summary>Compares two keys.</summary>
    public static bool operator >(ClusterKey left, ClusterKey right) => left.CompareTo(right) > 0;

    /// <summary>Compares two keys.</summary>
    public static bool operator <=(ClusterKey left, ClusterKey right) => left.CompareTo(right) <= 0;

    /// <summary>Compares two keys.</summary>
    public static bool operator >=(ClusterKey left, ClusterKey right) => left.CompareTo(right) >= 0;

    /// <summary>The key as text, e.g. <c>H0STCNT0:005930</c>.</summary>
    public override string ToString() => $"{TrId}:{Key}";
}

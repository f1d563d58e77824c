using KisFeed.Wire;

namespace KisFeed.Simulation.Broker;

/// <summary>A key of a feed.</summary>
internal sealed record Topic(FeedSchema Feed, string Key)
{
    public bool Equals(Topic? other) => other is not null && ReferenceEquals(Feed, other.Feed) && Key.Equals(other.Key, StringComparison.Ordinal);

    public override int GetHashCode() => Feed.TrId.GetHashCode(StringComparison.Ordinal) ^ Key.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => $"{Feed.TrId}:{Key}";
}

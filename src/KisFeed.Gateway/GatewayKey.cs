using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>A key of a feed.</summary>
/// <param name="Feed">The feed.</param>
/// <param name="Key">The key within the feed, its case as the service has it; of order notices the HTS ID.</param>
public sealed record GatewayKey(FeedSchema Feed, string Key)
{
    /// <summary>The key; of order notices without the HTS ID, which is nobody else's business.</summary>
    public override string ToString() => Feed.IsNotice ? Feed.TrId : $"{Feed.TrId}:{Key}";
}

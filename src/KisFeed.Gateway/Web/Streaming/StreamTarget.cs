using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>A key of a feed that a stream is to have.</summary>
/// <param name="Feed">The feed, as upstream's service has it.</param>
/// <param name="Key">The key, its case as given; of order notices an HTS ID.</param>
internal sealed record StreamTarget(FeedSchema Feed, string Key)
{
    /// <summary>The key as it may be shown to others: of order notices without the HTS ID.</summary>
    public override string ToString() => Feed.IsNotice ? Feed.TrId : $"{Feed.TrId}:{Key}";
}

namespace KisFeed.Gateway;

/// <summary>What is registered upstream: one key of one feed.</summary>
/// <param name="TrId">The TR ID.</param>
/// <param name="Key">The key within the feed, which for order notices is an HTS ID.</param>
internal readonly record struct HubKey(string TrId, string Key)
{
    /// <summary>The feed alone: the key may be an HTS ID.</summary>
    public override string ToString() => TrId;
}

using KisFeed.Wire;

namespace KisFeed;

/// <summary>A key that could not be added to a tap.</summary>
/// <param name="Feed">The feed.</param>
/// <param name="Key">The key within the feed; for order notices, the HTS ID.</param>
/// <param name="Error">
/// Why: a <see cref="SubscribeRefusedException"/>, <see cref="SubscribeTimeoutException"/> or <see cref="RegistrationLimitException"/>.
/// </param>
public sealed record KeyRefusal(FeedSchema Feed, string Key, KisFeedException Error)
{
    /// <summary>Feed and error. Contains no key, which may be an HTS ID.</summary>
    public override string ToString() => $"{Feed.TrId}: {Error.Message}";
}

using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>A registration that a recorder was refused for good, at the start or when it was to be restored.</summary>
/// <param name="Feed">The feed.</param>
/// <param name="Key">The key, which for order notices is the HTS ID.</param>
/// <param name="Refusal">Why.</param>
public sealed record CaptureRefusal(FeedSchema Feed, string Key, RegistrationRefused Refusal)
{
    /// <summary>The TR ID and why; nothing of the key.</summary>
    public override string ToString() => $"{Feed.TrId}: {Refusal.Problem}";
}

using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// Keys that something other than a consumer wants of a gateway: a cluster, which decides which of its gateways registers a key. They share
/// registrations and slots with the gateway's own consumers. Thread-safe.
/// </summary>
public interface IPlacedKeys
{
    /// <summary>
    /// Registers a key upstream, until <see cref="RemoveAsync"/>. Completes when upstream has replied. While upstream is unreachable it
    /// succeeds at once, and the key is registered when it is back.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="onEnded">Called once if upstream ends the registration afterwards. Must return quickly.</param>
    /// <param name="cancellationToken">Gives the key up.</param>
    /// <returns>Why it was refused; <see langword="null"/> if it was not.</returns>
    /// <exception cref="InvalidOperationException">The key is placed with this gateway already.</exception>
    Task<BrokerCode?> AddAsync(FeedSchema feed, string key, Action<BrokerCode> onEnded, CancellationToken cancellationToken = default);

    /// <summary>
    /// Releases a key without the grace period of <see cref="GatewayOptions.ReleaseGrace"/>. Completes when upstream does not have it any
    /// more, or when consumers of this gateway have it. The minimum time of <see cref="GatewayOptions.MinimumHold"/> is kept.
    /// </summary>
    Task RemoveAsync(FeedSchema feed, string key, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives up a key whose session has lost its connection, so that upstream does not have it: as
    /// <see cref="RemoveAsync"/>, without any delay.
    /// </summary>
    Task DropAsync(FeedSchema feed, string key, CancellationToken cancellationToken = default);

    /// <summary>Whether a key is registered upstream on an open connection.</summary>
    bool IsRegistered(FeedSchema feed, string key);
}

using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// Asks for keys on behalf of a source of frames that has no session, so that a gateway with a session registers them at the broker and
/// publishes them. Thread-safe. Calls for one key never overlap.
/// </summary>
public interface IKeyDemand
{
    /// <summary>
    /// Raised when a key that was added is refused later: it ends as if the broker had refused it. <see cref="RemoveAsync"/> follows.
    /// </summary>
    event EventHandler<KeyRefusedEventArgs>? Refused;

    /// <summary>Asks for a key. Completes when it is registered at the broker.</summary>
    /// <returns>The epoch with which it is published. Data with a lower epoch are of earlier publishers; 0
    /// if keys are never moved.</returns>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="cancellationToken">Cancels the wait. <see cref="RemoveAsync"/> follows.</param>
    /// <exception cref="SubscribeRefusedException">The broker refused the key.</exception>
    /// <exception cref="RegistrationLimitException">No session has a slot for it.</exception>
    Task<uint> AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken);

    /// <summary>Asks for a key no more.</summary>
    Task RemoveAsync(FeedSchema feed, string key);
}

/// <summary>A key that was refused after it had been added.</summary>
/// <param name="trId">The TR ID of the feed.</param>
/// <param name="key">The key within the feed.</param>
/// <param name="refusal">Why, and what to do.</param>
public sealed class KeyRefusedEventArgs(string trId, string key, KisFeedException refusal) : EventArgs
{
    /// <summary>The TR ID of the feed.</summary>
    public string TrId => trId;

    /// <summary>The key within the feed.</summary>
    public string Key => key;

    /// <summary>Why, and what to do.</summary>
    public KisFeedException Refusal => refusal;
}

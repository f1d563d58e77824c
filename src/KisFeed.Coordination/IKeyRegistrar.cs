using KisFeed.Wire;

namespace KisFeed.Coordination;

/// <summary>
/// Registers the keys that the cluster places on an ingest, with the session of one app key. A client that has several app keys must be
/// told the session of a key: <see cref="KisFeedClient.AssignSession"/>.
/// </summary>
public interface IKeyRegistrar
{
    /// <summary>
    /// Keys that the session can hold for the cluster now: its limit, less those that it registers for other reasons; 0 if it has ended.
    /// Called before each exchange with the database.
    /// </summary>
    int Slots { get; }

    /// <summary>
    /// Registers a key. Completes when the broker has acknowledged it. It stays registered, over all connections, until
    /// <see cref="ReleaseAsync"/> or until <paramref name="ended"/> was called.
    /// </summary>
    /// <param name="feed">The TR ID.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="keyEpoch">The epoch of the key, with which its frames are published. Higher than with any earlier holder.</param>
    /// <param name="ended">Called at most once, after the completion, if the broker ends the registration for a reason of
    /// its own. It returns at once.</param>
    /// <param name="cancellationToken">Cancels the registration; <see cref="ReleaseAsync"/> follows.</param>
    /// <exception cref="KisFeedException">The broker refused the key, or the session cannot hold it.</exception>
    Task RegisterAsync(string feed, string key, long keyEpoch, Action<PlacedKeyRefusal> ended, CancellationToken cancellationToken);

    /// <summary>
    /// Releases a key without a grace period of its own. Completes when the broker does not have it, which is at once without a connection,
    /// and no later connection registers it again.
    /// </summary>
    Task ReleaseAsync(string feed, string key);
}

/// <summary>Why a key cannot be registered.</summary>
/// <param name="Code">The broker's code.</param>
/// <param name="Text">The broker's text, without secrets.</param>
public sealed record PlacedKeyRefusal(BrokerCode Code, string Text)
{
    /// <summary>
    /// Whether another ingest would be refused, too. Otherwise another one tries: the service failed, the session is full or
    /// has ended, or there was no answer.
    /// </summary>
    public bool IsPermanent => Code.Meaning is BrokerCodeMeaning.InvalidRegistration or BrokerCodeMeaning.WrongHtsId;

    /// <summary>The refusal that an exception describes.</summary>
    public static PlacedKeyRefusal Of(Exception error) => error switch
    {
        SubscribeRefusedException refusal => new(refusal.Code, refusal.BrokerText),
        FeedNotAvailableException => new(BrokerCode.InvalidTrId, "the service does not offer the feed"),
        ArgumentException => new(BrokerCode.InvalidTrKey, "the key is not valid"),
        RegistrationLimitException { RetryAfter: null } => new(BrokerCode.TooManySubscriptions, "the session is full"),
        ConnectionLostException { Code: { } code } => new(code, "the session has ended"),
        _ => new(BrokerCode.SendFailed, "the key could not be registered"),
    };
}

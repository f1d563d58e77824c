namespace KisFeed;

/// <summary>
/// Decides when the session of an app key may connect and send. For programs of which several are configured for
/// one app key, and only one may use it.
/// </summary>
public interface ISessionPermit
{
    /// <summary>
    /// Whether the session may send now. Called before each send and for each message received: it must be fast and must not wait.
    /// </summary>
    bool MaySend { get; }

    /// <summary>What the session waits for, for its status, e.g. <c>the lease of its app key</c>. Contains no secret.</summary>
    string Awaited { get; }

    /// <summary>Waits until the session may make one connection attempt, and records the attempt.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Cancelled when the session must be dropped at once, because the permission has ended.</returns>
    Task<CancellationToken> WaitForAttemptAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The session has connected. Called under the lock of the client: it must return at once, and must not call the client.
    /// </summary>
    void OnConnected();

    /// <summary>
    /// The session has ended, and never connects again: another program may use the app key. Called under the lock of the
    /// client, as <see cref="OnConnected"/>.
    /// </summary>
    void OnHalted();
}

namespace KisFeed.Gateway;

/// <summary>Something by which somebody is present at the gateway: a connection, a stream.</summary>
internal interface IAccountConnection
{
    /// <summary>What waits for it now. May be asked at any time, and must be brief.</summary>
    QueueDepth Waiting { get; }

    /// <summary>
    /// The account is over, or may have less than before: what it may no longer have is to end. Called at any time after <see cref="Account.TryEnter"/>, by any thread; must be brief, wait for
    /// nothing and not throw.
    /// </summary>
    /// <param name="isOver">Whether nothing is allowed any more.</param>
    void OnRightsLost(bool isOver);
}

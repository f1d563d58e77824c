using KisFeed.Wire;

namespace KisFeed.Server;

/// <summary>Lets sessions begin, and is told when they end. For any thread.</summary>
internal interface ISessionGate
{
    /// <summary>Asks whose session it is, at its first request, and whether that one may have another.</summary>
    /// <param name="approvalKey">The approval key of the request.</param>
    /// <param name="owner">Whose it is; to be handed back to <see cref="End"/>.</param>
    /// <returns>The code to refuse with; <see langword="null"/> where the session has begun.</returns>
    BrokerCode? Begin(string approvalKey, out string owner);

    /// <summary>A session that had begun is over.</summary>
    /// <param name="owner">Whose it was.</param>
    /// <param name="wasClosed">Whether it ended with close frames.</param>
    void End(string owner, bool wasClosed);
}

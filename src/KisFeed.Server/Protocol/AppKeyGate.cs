using KisFeed.Wire;

namespace KisFeed.Server.Protocol;

/// <summary>Admits a session if its approval key is known and its app key has no other session, as the broker does.</summary>
internal sealed class AppKeyGate(ApprovalKeys approvalKeys, AppKeySessions claims) : ISessionGate
{
    public BrokerCode? Begin(string approvalKey, out string owner)
    {
        owner = "";
        if (!approvalKeys.TryGetOwner(approvalKey, out var known))
            return BrokerCode.UnknownApprovalKey;
        owner = known;
        return claims.TryClaim(known) ? null : BrokerCode.AppKeyInUse;
    }

    public void End(string owner, bool wasClosed) => claims.Release(owner, wasClosed);
}

/// <summary>Admits sessions and is notified when they end. Thread-safe.</summary>
internal interface ISessionGate
{
    /// <summary>Called at the first request of a session: finds its owner and decides whether the owner may have another session.</summary>
    /// <param name="approvalKey">The approval key of the request.</param>
    /// <param name="owner">The owner of the session; passed to <see cref="End"/> later.</param>
    /// <returns>The code to refuse with, or <see langword="null"/> if the session has begun.</returns>
    BrokerCode? Begin(string approvalKey, out string owner);

    /// <summary>Called when a session that had begun has ended.</summary>
    void End(string owner, bool wasClosed);
}

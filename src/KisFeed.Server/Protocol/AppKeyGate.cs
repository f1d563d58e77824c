using KisFeed.Wire;

namespace KisFeed.Server;

/// <summary>Lets a session begin where its approval key is known and its app key has no other, as the service does.</summary>
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

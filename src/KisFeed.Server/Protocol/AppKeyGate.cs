using KisFeed.Wire;

namespace KisFeed.Server.Protocol;

/// <summary>Admits a session if its approval key is known and its app key has no other session, as the broker does.</summary>
/// <param name="approvalKeys">The valid approval keys.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="holdAfterLoss">How long an app key stays in use after its session ended without a closing
/// handshake. Default: not at all.</param>
internal sealed class AppKeyGate(ApprovalKeys approvalKeys, TimeProvider timeProvider, Func<TimeSpan>? holdAfterLoss = null) : ISessionGate
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _claimed = new(StringComparer.Ordinal);
    private readonly HeldKeys _held = new(timeProvider);

    public BrokerCode? Begin(string approvalKey, out string owner)
    {
        owner = "";
        if (!approvalKeys.TryGetOwner(approvalKey, out var known))
            return BrokerCode.UnknownApprovalKey;
        owner = known;
        lock (_gate)
            return !_held.Contains(known) && _claimed.Add(known) ? null : BrokerCode.AppKeyInUse;
    }

    public void End(string owner, bool wasClosed)
    {
        var hold = wasClosed || holdAfterLoss is null ? TimeSpan.Zero : holdAfterLoss();
        lock (_gate)
        {
            _claimed.Remove(owner);
            if (hold > TimeSpan.Zero)
                _held.Add(owner, hold);
        }
    }
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

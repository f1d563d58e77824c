using System.Runtime.InteropServices;

namespace KisFeed.Coordination.Leases;

/// <summary>
/// The actions that the lease of an app key requests. Called while it handles an event; an implementation does not call back into it.
/// </summary>
internal interface ILeaseActions
{
    /// <summary>
    /// Send a request to the store, and pass the answer with its number to <see cref="AppKeyLease.Answered"/>,
    /// <see cref="AppKeyLease.AttemptAnswered"/> or <see cref="AppKeyLease.Failed"/>.
    /// </summary>
    void Send(LeaseCall call);

    /// <summary>Call <see cref="AppKeyLease.TimerDue"/> at this time; replaces the previous timer.</summary>
    void SetTimer(TimeSpan dueAt);

    /// <summary>This process holds the lease from now on.</summary>
    void Acquired(long epoch);

    /// <summary>This process does not hold the lease any more: drop the session now, without sending anything.</summary>
    void StandDown(StandDownReason reason);

    /// <summary>The session may make one connection attempt. It is recorded.</summary>
    void GrantAttempt();
}

/// <summary>A request of a lease to the store.</summary>
/// <param name="Number">The number of the request.</param>
/// <param name="Kind">What is requested.</param>
/// <param name="Epoch">The epoch that the process holds; 0 if it holds none.</param>
/// <param name="Attempts">Connection attempts that are not recorded yet.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LeaseCall(long Number, LeaseCallKind Kind, long Epoch, int Attempts);

/// <summary>The kinds of requests of a lease.</summary>
internal enum LeaseCallKind
{
    Acquire,
    Renew,
    Release,
    RecordAttempt,
}

/// <summary>Why a process stands down.</summary>
internal enum StandDownReason
{
    /// <summary>It could not renew the lease in time.</summary>
    Expired,

    /// <summary>Another process holds the lease.</summary>
    Superseded,

    /// <summary>Its session could not connect for a while, and another process may be able to.</summary>
    Unconnected,

    /// <summary>This process cannot use the app key any more.</summary>
    Unusable,
}

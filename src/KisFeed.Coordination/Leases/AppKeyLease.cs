using System.Runtime.InteropServices;
using KisFeed.Coordination.Storing;

namespace KisFeed.Coordination.Leases;

/// <summary>
/// The lease of an app key, as one process sees it. A state machine: events go in as calls, actions come out through
/// <see cref="ILeaseActions"/>. Does no I/O, reads no clock, and is not thread-safe. All times are of the monotonic clock of the process.
/// </summary>
/// <remarks>
/// The row expires by the clock of the store, one time to live after the request was executed. The holder counts from the moment before it
/// sent the request, and less the safety margin, so it has always stood down before anybody else can take the lease. A holder whose session
/// cannot connect lets the lease expire, and pauses before it requests it again: another process may have a line to the broker. Waiting for
/// the budget of attempts does not count.
/// </remarks>
/// <param name="options">The times.</param>
/// <param name="actions">Executes its actions.</param>
internal sealed class AppKeyLease(CoordinationOptions options, ILeaseActions actions)
{
    private const int CallsPerTtl = 3;
    private const int RetriesPerTtl = 12;
    private const int PatienceInTtls = 4;

    // A pause is at most four times the first one.
    private const int MaxDoublings = 2;

    // How long a holder may act after it sent a request.
    private readonly TimeSpan _tenure = options.LeaseTtl * (1 - options.SafetyMargin);

    // The time between two renewals, and when a request counts as failed.
    private readonly TimeSpan _callInterval = options.LeaseTtl / CallsPerTtl;
    private readonly TimeSpan _retryInterval = options.LeaseTtl / RetriesPerTtl;

    // How long a holder tries to connect before it leaves the lease to others.
    private readonly TimeSpan _connectPatience = options.LeaseTtl * PatienceInTtls;

    private bool _isRunning;
    private bool _isUsable = true;
    private TimeSpan _deadline;
    private TimeSpan _nextCallAt;
    private Call? _call;
    private Call? _attemptCall;
    private TimeSpan _attemptAt;
    private TimeSpan? _unconnectedSince;
    private TimeSpan _pauseUntil = TimeSpan.MinValue;
    private int _pauses;
    private long _calls;
    private int _unrecorded;

    /// <summary>The epoch that this process holds; 0 if it does not hold the lease.</summary>
    public long Epoch { get; private set; }

    /// <summary>Whether a session waits for permission to connect.</summary>
    public bool IsAttemptWanted { get; private set; }

    /// <summary>Whether the last request to the store failed.</summary>
    public bool IsStoreAway { get; private set; }

    private bool KeepsSession => options.OnStoreOutage == StoreOutagePolicy.KeepSession;

    /// <summary>Until when the session of the app key may send. Check it before every send.</summary>
    public TimeSpan MaySendUntil => Epoch == 0 ? TimeSpan.Zero : KeepsSession ? TimeSpan.MaxValue : _deadline;

    /// <summary>Whether the session of the app key may send now.</summary>
    public bool MaySend(TimeSpan now) => now < MaySendUntil;

    /// <summary>Starts to request the lease.</summary>
    public void Start(TimeSpan now)
    {
        _isRunning = true;
        Advance(now);
    }

    /// <summary>Stops, and gives the lease back. The session must be closed already.</summary>
    public void Stop()
    {
        _isRunning = false;
        IsAttemptWanted = false;
        _call = _attemptCall = null;
        if (Epoch > 0)
            actions.Send(new LeaseCall(++_calls, LeaseCallKind.Release, Epoch, 0));
        Epoch = 0;
    }

    /// <summary>The session wants to connect. <see cref="ILeaseActions.GrantAttempt"/> follows, perhaps much later.</summary>
    public void RequestAttempt(TimeSpan now)
    {
        IsAttemptWanted = true;
        Advance(now);
    }

    /// <summary>The session does not want to connect any more.</summary>
    public void CancelAttempt() => IsAttemptWanted = false;

    /// <summary>The session has connected.</summary>
    public void Connected(TimeSpan now)
    {
        _unconnectedSince = null;
        _pauses = 0;
        Advance(now);
    }

    /// <summary>Changes whether this process can use the app key at all. While it cannot, it leaves the lease to others.</summary>
    public void SetUsable(bool isUsable, TimeSpan now)
    {
        _isUsable = isUsable;
        _call = isUsable ? _call : null;
        if (!isUsable && Epoch > 0)
            StandDown(StandDownReason.Unusable, now);
        Advance(now);
    }

    /// <summary>The store has answered a request for the lease.</summary>
    public void Answered(long number, LeaseAnswer answer, TimeSpan now)
    {
        if (_call is not { } call || call.Number != number)
            return;
        _call = null;
        IsStoreAway = false;
        _unrecorded -= call.Attempts;
        if (answer.IsHeld)
            OnHeld(call, answer, now);
        else
            OnHeldByOther(answer, now);
        Advance(now);
    }

    /// <summary>The store has answered a request for an attempt.</summary>
    public void AttemptAnswered(long number, AttemptAnswer answer, TimeSpan now)
    {
        if (_attemptCall is not { } call || call.Number != number)
            return;
        _attemptCall = null;
        if (!answer.IsHeld)
            StandDown(StandDownReason.Superseded, now);
        else if (!answer.IsGranted)
            OnAttemptDeferred(answer.RetryAfter, now);
        else if (MaySend(now))
            Grant();
        Advance(now);
    }

    /// <summary>A request failed; it may have been executed.</summary>
    public void Failed(long number, TimeSpan now)
    {
        if (_call?.Number == number)
            OnCallFailed(now);
        else if (_attemptCall?.Number == number)
            OnAttemptFailed(now);
        Advance(now);
    }

    /// <summary>The timer is due.</summary>
    public void TimerDue(TimeSpan now) => Advance(now);

    /// <summary>The lease has perhaps become free.</summary>
    public void Wake(TimeSpan now)
    {
        if (Epoch == 0)
            _nextCallAt = Later(now, _pauseUntil);
        Advance(now);
    }

    private void Advance(TimeSpan now)
    {
        if (!_isRunning || !_isUsable)
            return;
        if (Epoch > 0 && !KeepsSession && now >= _deadline)
            StandDown(StandDownReason.Expired, now);
        if (Epoch > 0 && IsAttemptWanted)
            _unconnectedSince ??= now;
        if (PauseDueAt is { } pauseAt && now >= pauseAt)
            Pause(now);
        if (_call is { } late && now >= late.SentAt + _callInterval)
            OnCallFailed(now);
        if (_attemptCall is { } lateAttempt && now >= lateAttempt.SentAt + _callInterval)
            OnAttemptFailed(now);
        if (_call is null && now >= _nextCallAt)
        {
            _call = new Call(++_calls, now, _unrecorded);
            actions.Send(new LeaseCall(_calls, Epoch > 0 ? LeaseCallKind.Renew : LeaseCallKind.Acquire, Epoch, _unrecorded));
        }

        if (Epoch > 0 && IsAttemptWanted && _attemptCall is null && now >= _attemptAt)
        {
            _attemptCall = new Call(++_calls, now, 0);
            actions.Send(new LeaseCall(_calls, LeaseCallKind.RecordAttempt, Epoch, 0));
        }

        SetTimer();
    }

    private void SetTimer()
    {
        var due = _call is { } call ? call.SentAt + _callInterval : _nextCallAt;
        if (Epoch > 0 && !KeepsSession)
            due = Earlier(due, _deadline);
        if (PauseDueAt is { } pauseAt)
            due = Earlier(due, pauseAt);
        if (_attemptCall is { } attempt)
            due = Earlier(due, attempt.SentAt + _callInterval);
        else if (Epoch > 0 && IsAttemptWanted)
            due = Earlier(due, _attemptAt);
        actions.SetTimer(due);
    }

    private void OnHeld(Call call, LeaseAnswer answer, TimeSpan now)
    {
        var deadline = call.SentAt + _tenure;
        _nextCallAt = Later(now, call.SentAt + _callInterval);
        if (Epoch == 0 && now >= deadline && !KeepsSession)
        {
            // The answer took so long that the lease may expire before the session could use it.
            _nextCallAt = now;
            return;
        }

        _deadline = deadline;
        if (Epoch == answer.Epoch)
            return;
        Epoch = answer.Epoch;
        _attemptAt = now;
        actions.Acquired(Epoch);
    }

    private void OnHeldByOther(LeaseAnswer answer, TimeSpan now)
    {
        if (Epoch > 0)
            StandDown(StandDownReason.Superseded, now);
        _nextCallAt = now + Earlier(Later(answer.Remaining, _retryInterval), _callInterval);
    }

    private void OnCallFailed(TimeSpan now)
    {
        _call = null;
        IsStoreAway = true;
        _nextCallAt = now + _retryInterval;
    }

    // The budget belongs to the app key. Another process would have to wait as long, so that time says nothing about the line of this one.
    private void OnAttemptDeferred(TimeSpan wait, TimeSpan now)
    {
        _attemptAt = now + wait;
        _unconnectedSince += wait;
    }

    private void OnAttemptFailed(TimeSpan now)
    {
        _attemptCall = null;
        _attemptAt = now + _retryInterval;
        if (!KeepsSession || !IsAttemptWanted)
            return;
        _unrecorded++;
        Grant();
    }

    private void Grant()
    {
        if (!IsAttemptWanted)
            return;
        IsAttemptWanted = false;
        actions.GrantAttempt();
    }

    // Not during an outage of the store: nobody could take the lease, and a holder that keeps its session could not get it back.
    private TimeSpan? PauseDueAt => Epoch > 0 && !IsStoreAway && _unconnectedSince is { } since ? since + _connectPatience : null;

    // Until the row has expired, standbys have had their chance, and other app keys have had theirs, unless they have to wait for long.
    private TimeSpan FirstPause => (options.LeaseTtl * 2) + Earlier(options.TakeoverDelay, _connectPatience);

    // The row is not released but expires, because the session has not closed yet.
    private void Pause(TimeSpan now)
    {
        StandDown(StandDownReason.Unconnected, now);
        _pauseUntil = _nextCallAt = now + (FirstPause * (1 << Math.Min(_pauses++, MaxDoublings)));
    }

    // Whatever is still in transit belongs to the epoch that ends here.
    private void StandDown(StandDownReason reason, TimeSpan now)
    {
        Epoch = 0;
        _call = _attemptCall = null;
        _unconnectedSince = null;
        _nextCallAt = now;
        actions.StandDown(reason);
    }

    private static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Call(long Number, TimeSpan SentAt, int Attempts);
}

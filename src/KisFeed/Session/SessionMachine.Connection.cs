using KisFeed.Wire.Control;

namespace KisFeed.Session;

// Opens, loses and ends connections.
internal sealed partial class SessionMachine
{
    private TimeSpan _notBefore = TimeSpan.MinValue;
    private TimeSpan _openedAt;
    private TimeSpan _lastInbound;
    private bool _isKeyFresh;
    private bool _takesServerEvents;
    private bool _hasData;

    /// <summary>The number of the current connection or attempt. Each has its own, and calls with an earlier number are ignored.</summary>
    public long Connection { get; private set; }

    /// <summary>Number of connections established so far.</summary>
    public long Connections { get; private set; }

    public TimeSpan? NextAttemptAt { get; private set; }

    /// <summary>Number of failed attempts and connections since data last arrived.</summary>
    public int Failures => _schedule.Failures;

    /// <summary>Since when the session has not worked; <see langword="null"/> if it works, or has not failed yet.</summary>
    public TimeSpan? FailingSince => _schedule.FailingSince;

    /// <summary>Why the session does not reconnect, if it has ended.</summary>
    public HaltReason? HaltReason { get; private set; }

    /// <summary>When a data frame last arrived, on any connection; <see langword="null"/> if none has.</summary>
    public TimeSpan? LastFrameAt { get; private set; }

    /// <summary>When anything last arrived on the current connection, or when it was opened.</summary>
    public TimeSpan LastInboundAt => _lastInbound;

    /// <summary>Connects, even without registrations.</summary>
    public void Start(TimeSpan now)
    {
        if (Phase != SessionPhase.Idle)
            return;
        Phase = SessionPhase.Waiting;
        TryConnect(now);
    }

    /// <summary>The connection is established.</summary>
    /// <param name="connection">Its number.</param>
    /// <param name="approvalKey">The approval key for its requests.</param>
    /// <param name="isKeyFresh">Whether the key was issued for this attempt.</param>
    /// <param name="now">The time.</param>
    /// <param name="takesServerEvents">Whether the client requested the server's own events, which the broker's protocol does not have
    /// (<see cref="ServerEvent"/>).</param>
    public void Opened(long connection, string approvalKey, bool isKeyFresh, TimeSpan now, bool takesServerEvents = false)
    {
        if (!IsConnecting(connection) || StandsDown(now))
            return;
        _approvalKey = approvalKey;
        _isKeyFresh = isKeyFresh;
        _takesServerEvents = takesServerEvents;
        _router.StatedDay = null;
        _nextRequestAt = Later(now, _nextRequestAt);
        _openedAt = now;
        _lastInbound = now;
        _hasData = false;
        Connections++;
        Phase = SessionPhase.Open;
        _actions.Connected(this);
        Advance(now);
    }

    public void ConnectFailed(long connection, ConnectFailure failure, TimeSpan now)
    {
        if (!IsConnecting(connection))
            return;
        ApplyDecision(_schedule.ConnectFailed(failure, now), null, now);
        if (Phase == SessionPhase.Idle)
            _actions.AttemptFailed(this);
    }

    public void Closed(long connection, TimeSpan now)
    {
        if (IsOpen(connection))
            OnConnectionLost(LossReason.Closed, null, now);
    }

    /// <summary>
    /// The process did not run for a while: data may be missing, and the frames that follow may have waited. Called before any event that waited.
    /// </summary>
    public void Paused()
    {
        if (Phase != SessionPhase.Open)
            return;
        foreach (var registration in _table.All)
            Interrupt(registration, InterruptionCause.Paused);
    }

    /// <summary>The code that performs the actions has failed: the session ends, instead of only appearing to work.</summary>
    public void Fail(TimeSpan now)
    {
        if (IsOver)
            return;
        if (Phase is SessionPhase.Open or SessionPhase.Connecting)
            _actions.Disconnect(this, Connection, isDead: true);
        ClearConnectionState();
        Halt(KisFeed.HaltReason.Failed, null, now);
    }

    /// <summary>Stops the session on the consumer's request.</summary>
    public void Stop()
    {
        if (Phase == SessionPhase.Ended)
            return;
        if (Phase is SessionPhase.Open or SessionPhase.Connecting)
            _actions.Disconnect(this, Connection, isDead: false);
        ClearConnectionState();
        Phase = SessionPhase.Ended;
        NextAttemptAt = null;
        foreach (var registration in _table.All.ToArray())
        {
            _table.Remove(registration);
            _actions.Released(registration);
        }

        _actions.Ended(this);
    }

    /// <summary>Whether it is not connected and the last attempt failed.</summary>
    internal bool IsFailing => Phase == SessionPhase.Waiting || (Phase is SessionPhase.Idle or SessionPhase.Connecting && Failures > 0);

    private bool IsOpen(long connection) => Phase == SessionPhase.Open && connection == Connection;

    private bool IsConnecting(long connection) => Phase == SessionPhase.Connecting && connection == Connection;

    private void DataArrived()
    {
        _hasData = true;
        _schedule.DataArrived();
    }

    private void TryConnect(TimeSpan now)
    {
        var allowedAt = Later(_notBefore, _budget.NextAt(now));
        if (allowedAt <= now && Settings.NeedsPermit && !_isPermitted)
        {
            RequestPermit();
            return;
        }

        _isPermitted = false;
        if (allowedAt > now || !_budget.TryAcquire(now, out allowedAt))
        {
            NextAttemptAt = allowedAt;
            _actions.SetTimer(this, allowedAt);
            return;
        }

        NextAttemptAt = null;
        Phase = SessionPhase.Connecting;
        Connection++;
        _actions.Connect(this, Connection, _schedule.NeedsFreshKey);
    }

    private void OnConnectionLost(LossReason reason, BrokerReply? reply, TimeSpan now)
    {
        if (reason != LossReason.Closed)
            _actions.Disconnect(this, Connection, isDead: reason == LossReason.Silence);
        var isFruitful = _hasData || now - _openedAt >= Settings.Reconnect.StableAfter;
        var decision = reply is null ? _schedule.Lost(reason, isFruitful, now) : _schedule.Refused(reply.Code.Meaning, _isKeyFresh, now);
        ClearConnectionState();
        foreach (var registration in _table.All.ToArray())
            Unregister(registration, reason == LossReason.Silence ? InterruptionCause.Silence : InterruptionCause.ConnectionLost);
        Phase = decision.Halt is null ? SessionPhase.Waiting : SessionPhase.Halted;
        if (decision.Halt is null && _table.DesiredCount == 0)
            Phase = SessionPhase.Idle;
        _actions.Lost(this, reason, reply);
        ApplyDecision(decision, reply, now);
    }

    // Without the connection the server holds no registration, and every key is invalid.
    private void Unregister(Registration registration, InterruptionCause cause)
    {
        registration.Reset();
        if (registration.SubscriberCount == 0)
        {
            _table.Remove(registration);
            _actions.Released(registration);
            return;
        }

        Interrupt(registration, cause);
    }

    private void Interrupt(Registration registration, InterruptionCause cause)
    {
        if (!registration.WasConfirmed || registration.IsInterrupted)
            return;
        registration.IsInterrupted = true;
        _actions.Interrupted(registration, cause);
    }

    private void ClearConnectionState()
    {
        _pending = null;
        _approvalKey = "";
        foreach (var registration in _table.All)
            registration.ClearKey();
    }

    private void ApplyDecision(ReconnectDecision decision, BrokerReply? reply, TimeSpan now)
    {
        if (decision.Halt is { } halt)
        {
            Halt(halt, reply, now);
            return;
        }

        // Kept while there are no registrations: a new subscription does not make the next attempt earlier.
        _notBefore = decision.NotBefore;
        Phase = _table.DesiredCount > 0 ? SessionPhase.Waiting : SessionPhase.Idle;
        Advance(now);
    }

    private void Halt(HaltReason reason, BrokerReply? reply, TimeSpan now)
    {
        Phase = SessionPhase.Halted;
        HaltReason = reason;
        NextAttemptAt = null;
        _actions.Halted(this, reason, reply);
        foreach (var registration in _table.All.ToArray())
        {
            if (registration.SubscriberCount > 0 && Placement?.TryMove(registration, now) == true)
                continue;
            _table.Remove(registration);
            _actions.Refused(registration, RefusalReason.SessionHalted, reply);
        }
    }

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;

    /// <summary>Gives a registration up to another session.</summary>
    internal void Withdraw(Registration registration) => _table.Withdraw(registration);

    internal bool CanAdopt(Registration registration) =>
        !IsOver && _table.DesiredCount < _table.Limit && _table.Find(registration.Feed.TrId, registration.Key) is null && !registration.RefusedBy.Contains(this);

    /// <summary>Adopts a registration that another session has given up.</summary>
    internal void Adopt(Registration registration, TimeSpan now)
    {
        registration.Reset();
        _table.Add(registration);
        Interrupt(registration, InterruptionCause.Moved);
        Advance(now);
    }
}

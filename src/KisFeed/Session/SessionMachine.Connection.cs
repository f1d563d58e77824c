using KisFeed.Wire;

namespace KisFeed.Session;

// How connections come and go.
public sealed partial class SessionMachine
{
    private TimeSpan _notBefore = TimeSpan.MinValue;
    private TimeSpan _openedAt;
    private TimeSpan _lastInbound;
    private bool _isKeyFresh;
    private bool _takesServerEvents;
    private bool _hasData;

    /// <summary>The number of the present connection or attempt; each has its own, and what is said of earlier ones is disregarded.</summary>
    public long Connection { get; private set; }

    /// <summary>Connections that stood.</summary>
    public long Connections { get; private set; }

    /// <summary>When the next attempt is made, while the session waits for it.</summary>
    public TimeSpan? NextAttemptAt { get; private set; }

    /// <summary>Attempts and connections since data last arrived that came to nothing.</summary>
    public int Failures => _schedule.Failures;

    /// <summary>Why no further attempt is made, where none is.</summary>
    public HaltReason? HaltReason { get; private set; }

    /// <summary>When a data frame last arrived, on whichever connection; <see langword="null"/> where none has.</summary>
    public TimeSpan? LastFrameAt { get; private set; }

    /// <summary>When anything last arrived on the present connection, or it was opened.</summary>
    public TimeSpan LastInboundAt => _lastInbound;

    /// <summary>Connects, although nothing may be wanted yet.</summary>
    public void Start(TimeSpan now)
    {
        if (Phase != SessionPhase.Idle)
            return;
        Phase = SessionPhase.Waiting;
        TryConnect(now);
    }

    /// <summary>The connection stands.</summary>
    /// <param name="connection">Its number.</param>
    /// <param name="approvalKey">The approval key to ask with.</param>
    /// <param name="isKeyFresh">Whether the key was issued for this very attempt.</param>
    /// <param name="now">When.</param>
    /// <param name="takesServerEvents">Whether the server was asked for messages that the broker's protocol does not have (<see cref="ServerEvent"/>).</param>
    public void Opened(long connection, string approvalKey, bool isKeyFresh, TimeSpan now, bool takesServerEvents = false)
    {
        if (!IsConnecting(connection))
            return;
        _approvalKey = approvalKey;
        _isKeyFresh = isKeyFresh;
        _takesServerEvents = takesServerEvents;
        _nextRequestAt = Later(now, _nextRequestAt);
        _openedAt = now;
        _lastInbound = now;
        _hasData = false;
        Connections++;
        Phase = SessionPhase.Open;
        _actions.Connected(this);
        Proceed(now);
    }

    /// <summary>The connection did not come about.</summary>
    public void ConnectFailed(long connection, ConnectFailure failure, TimeSpan now)
    {
        if (IsConnecting(connection))
            Follow(_schedule.ConnectFailed(failure, now), null, now);
    }

    /// <summary>The connection is gone.</summary>
    public void Closed(long connection, TimeSpan now)
    {
        if (IsOpen(connection))
            Lose(LossReason.Closed, null, now);
    }

    /// <summary>Whoever carries out the actions has failed: the session ends rather than only seeming to live.</summary>
    public void Fail(TimeSpan now)
    {
        if (IsOver)
            return;
        if (Phase is SessionPhase.Open or SessionPhase.Connecting)
            _actions.Disconnect(this, Connection, isDead: true);
        Forget();
        Halt(Session.HaltReason.Failed, null, now);
    }

    /// <summary>Ends the session, because the consumer wants it to.</summary>
    public void Stop()
    {
        if (Phase == SessionPhase.Ended)
            return;
        if (Phase is SessionPhase.Open or SessionPhase.Connecting)
            _actions.Disconnect(this, Connection, isDead: false);
        Forget();
        Phase = SessionPhase.Ended;
        NextAttemptAt = null;
        foreach (var registration in _table.All.ToArray())
        {
            _table.Remove(registration);
            _actions.Released(registration);
        }

        _actions.Ended(this);
    }

    /// <summary>Whether it is not connected, and the last attempt has failed.</summary>
    internal bool IsInTrouble => Phase == SessionPhase.Waiting || (Phase is SessionPhase.Idle or SessionPhase.Connecting && Failures > 0);

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
        if (allowedAt > now || !_budget.TryTake(now, out allowedAt))
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

    private void Lose(LossReason reason, BrokerReply? reply, TimeSpan now)
    {
        if (reason != LossReason.Closed)
            _actions.Disconnect(this, Connection, isDead: reason == LossReason.Silence);
        var isFruitful = _hasData || now - _openedAt >= Settings.Reconnect.StableAfter;
        var step = reply is null ? _schedule.Lost(reason, isFruitful, now) : _schedule.Refused(reply.Code.Meaning, _isKeyFresh, now);
        Forget();
        foreach (var registration in _table.All.ToArray())
            Unregister(registration, reason == LossReason.Silence ? InterruptionCause.Silence : InterruptionCause.ConnectionLost);
        Phase = step.Halt is null ? SessionPhase.Waiting : SessionPhase.Halted;
        if (step.Halt is null && _table.RecordFilter == 0)
            Phase = SessionPhase.Idle;
        _actions.Lost(this, reason, reply);
        Follow(step, reply, now);
    }

    // Without the connection the server holds nothing, and no key fits any more.
    private void Unregister(Registration registration, InterruptionCause cause)
    {
        registration.Reset();
        if (registration.Demand == 0)
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

    private void Forget()
    {
        _pending = null;
        _approvalKey = "";
        foreach (var registration in _table.All)
            registration.ClearKey();
    }

    private void Follow(ReconnectDecision step, BrokerReply? reply, TimeSpan now)
    {
        if (step.Halt is { } halt)
        {
            Halt(halt, reply, now);
            return;
        }

        // Kept while nothing is wanted: subscribing again does not make the next attempt come sooner.
        _notBefore = step.NotBefore;
        Phase = _table.RecordFilter > 0 ? SessionPhase.Waiting : SessionPhase.Idle;
        Proceed(now);
    }

    private void Halt(HaltReason reason, BrokerReply? reply, TimeSpan now)
    {
        Phase = SessionPhase.Halted;
        HaltReason = reason;
        NextAttemptAt = null;
        _actions.Halted(this, reason, reply);
        foreach (var registration in _table.All.ToArray())
        {
            if (registration.Demand > 0 && Placement?.TryMove(registration, now) == true)
                continue;
            _table.Remove(registration);
            _actions.Refused(registration, RefusalReason.SessionHalted, reply);
        }
    }

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;

    /// <summary>Gives a registration up to another session.</summary>
    internal void Withdraw(Registration registration) => _table.Withdraw(registration);

    /// <summary>Whether the session could take a registration of another.</summary>
    internal bool CanAdopt(Registration registration) =>
        !IsOver && _table.RecordFilter < _table.Limit && _table.Find(registration.Feed.TrId, registration.Key) is null && !registration.RefusedBy.Contains(this);

    /// <summary>Takes a registration that another session has given up.</summary>
    internal void Adopt(Registration registration, TimeSpan now)
    {
        registration.Reset();
        _table.Add(registration);
        Interrupt(registration, InterruptionCause.Moved);
        Proceed(now);
    }
}

using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Session;

/// <summary>
/// The session of one app key as a state machine, over any number of connections. Events are passed in as calls; actions are requested
/// through <see cref="ISessionActions"/>. It performs no I/O, reads no clock and starts no thread, so any sequence of events can be
/// replayed. All times come from a monotonic clock that the caller reads. Not thread-safe.
/// </summary>
/// <remarks>
/// Requests are sent one at a time, each after the answer to the previous one: some refusals do not say which request they answer,
/// and can be attributed only this way.
/// </remarks>
internal sealed class SessionMachine
{
    private readonly FeedCatalog _catalog;
    private readonly ISessionActions _actions;
    private readonly RegistrationTable _table;
    private readonly FrameRouter _router;
    private readonly RateBudget _budget;
    private readonly RateBudget _newRegistrations;
    private readonly ReconnectSchedule _schedule;
    private readonly ArrayBufferWriter<byte> _request = new();
    private string _approvalKey = "";
    private PendingRequest? _pending;
    private TimeSpan _nextRequestAt;
    private TimeSpan _notBefore = TimeSpan.MinValue;
    private TimeSpan _openedAt;
    private TimeSpan _lastInbound;
    private bool _isKeyFresh;
    private bool _takesServerEvents;
    private bool _hasData;
    private bool _isPermitRequested;
    private bool _isPermitted;

    /// <summary>Creates a session that is not connected yet.</summary>
    public SessionMachine(
        SessionSettings settings, FeedCatalog catalog, ISessionActions actions, RateBudget? budget = null,
        RateBudget? newRegistrations = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Settings = settings;
        _catalog = catalog;
        _actions = actions;
        _budget = budget ?? new RateBudget(settings.Reconnect.AttemptsPerMinute, settings.Reconnect.AttemptsPerHour);
        _newRegistrations = newRegistrations ?? new RateBudget(settings.NewRegistrationsPerMinute, settings.NewRegistrationsPerHour);
        _table = new RegistrationTable(this, settings.MaxRegistrations);
        _router = new FrameRouter(catalog, _table, actions);
        _schedule = new ReconnectSchedule(settings.Reconnect, new Random(settings.JitterSeed));
    }

    public SessionSettings Settings { get; }

    /// <summary>The current phase of its life cycle.</summary>
    public SessionPhase Phase { get; private set; }

    /// <summary>The registrations that subscribers request and the server holds.</summary>
    public IReadOnlyList<Registration> Registrations => _table.All;

    /// <summary>Number of data frames received, over all connections.</summary>
    public long Frames => _router.Frames;

    /// <summary>Number of messages that could not be read.</summary>
    public long Malformed => _router.Malformed;

    /// <summary>Number of records received for keys that are not registered.</summary>
    public long Unrouted => _router.Unrouted;

    /// <summary>Number of heartbeats received and answered.</summary>
    public long Heartbeats { get; private set; }

    /// <summary>Number of registrations that have subscribers and a slot, whether the server holds them yet or not.</summary>
    public int DesiredCount => _table.DesiredCount;

    /// <summary>
    /// How many new registrations can be requested now. Registrations restored after a loss do not count; those that were evicted do.
    /// </summary>
    public int NewRegistrationsLeft(TimeSpan now) => _newRegistrations.Left(now);

    internal RateBudget NewRegistrations => _newRegistrations;

    /// <summary>Finds another session for registrations that this one cannot hold.</summary>
    internal SessionGroup? Group { get; set; }

    internal IEnumerable<KeyValuePair<string, FeedRegistrations>> Feeds => _table.Feeds;

    internal bool HasFreeSlot => _table.DesiredCount < _table.Limit;

    internal bool HasSubscribers(FeedSchema feed, string key) => _table.Find(feed.TrId, key) is { SubscriberCount: > 0 };

    internal bool IsOver => Phase is SessionPhase.Halted or SessionPhase.Ended;

    /// <summary>A subscriber requests a key of a feed. A key requested twice is registered once.</summary>
    /// <returns>The registration, which is confirmed or refused later unless it is already confirmed; a session that is not connected
    /// connects for it. <see langword="null"/> if the session has ended, is full, or may not request a new registration within
    /// <see cref="SessionSettings.ReplyTimeout"/>.</returns>
    public Registration? TrySubscribe(FeedSchema feed, string key, TimeSpan now, int priority = 0)
    {
        ArgumentNullException.ThrowIfNull(feed);
        if (IsOver)
            return null;
        var registration = _table.Find(feed.TrId, key);
        if (registration is { SubscriberCount: > 0 } && !IsRefusable(registration))
        {
            registration.Attach(priority, now); // First, because its priority counts for the slots of those that are refused.
            RefuseQueued(now);
        }
        else
        {
            RefuseQueued(now);
            registration = _table.Find(feed.TrId, key);
            if (registration is not { SubscriberCount: > 0 } && (!HasFreeSlot || (registration is null && IsBeyondBudget(now))))
                return null;
            registration ??= _table.Add(feed, key);
            registration.Attach(priority, now);
        }

        if (registration.State == RegistrationState.Unanswered)
            registration.MustRenew = true;
        Advance(now); // It may end the connection, of which this subscriber has missed nothing.
        if (registration.IsConfirmed)
            registration.WasConfirmed = true; // Subscribed again before its release was sent: the server will not confirm it a second time.
        return registration;
    }

    /// <summary>A subscriber no longer needs a registration. It is released when no subscriber is left.</summary>
    public void Unsubscribe(Registration registration, TimeSpan now, int priority = 0)
    {
        ArgumentNullException.ThrowIfNull(registration);
        if (registration.State == RegistrationState.Ended || registration.SubscriberCount == 0)
            return;
        registration.Detach(priority);
        if (registration.SubscriberCount == 0)
        {
            registration.Abandon();
            if (registration.State == RegistrationState.Queued)
            {
                _table.Remove(registration);
                _actions.Released(registration);
            }
        }

        Advance(now);
    }

    /// <summary>A text message arrived.</summary>
    /// <param name="connection">The number of the connection that it arrived on.</param>
    /// <param name="text">The whole message; valid only during the call.</param>
    /// <param name="receivedAt">When it arrived, by the wall clock.</param>
    /// <param name="now">When it arrived, by the monotonic clock.</param>
    public void TextReceived(long connection, ReadOnlySpan<byte> text, DateTimeOffset receivedAt, TimeSpan now)
    {
        if (!IsOpen(connection) || StandsDown(now))
            return;
        _lastInbound = now;
        if (text is not [(byte)'{', ..])
        {
            LastFrameAt = now;
            if (_router.Route(text, receivedAt))
                DataArrived();
            return;
        }

        switch (ControlMessage.TryParse(text, out var error))
        {
            case Heartbeat:
                Heartbeats++;
                _actions.Send(this, text);
                break;
            case BrokerReply reply:
                ReplyReceived(reply, now);
                break;
            case ServerEvent serverEvent when _takesServerEvents:
                ServerEventReceived(serverEvent, now);
                break;
            default:
                _router.ReportMalformedToAll(error, text, receivedAt);
                break;
        }
    }

    /// <summary>A message arrived that was too long to keep; <paramref name="head"/> is the part of it that was kept.</summary>
    public void OversizedReceived(long connection, ReadOnlySpan<byte> head, DateTimeOffset receivedAt, TimeSpan now)
    {
        if (!IsOpen(connection))
            return;
        _lastInbound = now;
        _router.ReportMalformedToAll(new FrameError(FrameErrorKind.TooLong, head.Length), head, receivedAt);
    }

    public void TimerDue(TimeSpan now)
    {
        if (Phase == SessionPhase.Open && now - _lastInbound >= Settings.WatchdogTimeout)
        {
            OnConnectionLost(LossReason.Silence, null, now);
        }
        else if (Phase == SessionPhase.Open && _pending is { } pending && now >= pending.Deadline)
        {
            _pending = null;
            OnNoReply(pending, now);
        }

        Advance(now);
    }

    // What frees a slot or changes a priority ends here.
    private void Advance(TimeSpan now)
    {
        Group?.Rebalance(now);
        Proceed(now);
    }

    /// <summary>Connects, or sends the next request, as far as that is possible now.</summary>
    internal void Proceed(TimeSpan now)
    {
        switch (Phase)
        {
            case SessionPhase.Idle when _table.DesiredCount > 0:
                Phase = SessionPhase.Waiting;
                TryConnect(now);
                break;
            case SessionPhase.Waiting:
                TryConnect(now);
                break;
            case SessionPhase.Open:
                SendNext(now);
                if (Phase == SessionPhase.Open)
                    SetTimer(now);
                break;
        }
    }

    private void SendNext(TimeSpan now)
    {
        if (!IsReady(now))
            return;
        RefuseQueued(now);

        // A registration that got the slot of a refused one may have been requested.
        if (!IsReady(now) || _table.NextRequest(now, MayRegisterNew(now)) is not { } next)
            return;

        if (StandsDown(now))
            return;
        var (registration, type) = next;
        if (type == RequestType.Register && registration.IsNew)
            _newRegistrations.TryAcquire(now, out _);
        registration.State = type == RequestType.Register ? RegistrationState.Registering : RegistrationState.Releasing;
        _pending = new PendingRequest(registration, type, now + Settings.ReplyTimeout);
        _nextRequestAt = now + Settings.RequestInterval;
        _request.ResetWrittenCount();
        new Request(_approvalKey, Settings.CustomerType, type, registration.Feed.TrId, registration.Key).Write(_request);
        _actions.Send(this, _request.WrittenSpan);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(_request.WrittenMemory).Span);
    }

    private bool IsReady(TimeSpan now) => Phase == SessionPhase.Open && _pending is null && now >= _nextRequestAt;

    private bool MayRegisterNew(TimeSpan now) => _newRegistrations.NextAt(now) <= now;

    private bool IsBeyondBudget(TimeSpan now) => _newRegistrations.NextAt(now) - now > Settings.ReplyTimeout;

    // A new registration waits at most ReplyTimeout for the rate limit; otherwise it is refused.
    private void RefuseQueued(TimeSpan now)
    {
        if (!IsBeyondBudget(now))
            return;
        Registration[] refused = [.. _table.All.Where(IsRefusable)];
        foreach (var registration in refused)
        {
            _table.Remove(registration);
            _actions.Refused(registration, RefusalReason.TooManyNew, null);
        }

        if (refused.Length > 0)
            Group?.Rebalance(now);
    }

    private static bool IsRefusable(Registration registration) =>
        registration is { State: RegistrationState.Queued, WasConfirmed: false };

    // A timer may fire slightly early and must then fire again; so it is set after every event except a frame.
    private void SetTimer(TimeSpan now)
    {
        var due = _lastInbound + Settings.WatchdogTimeout;
        if (_pending is { } pending)
            due = Earlier(due, pending.Deadline);
        else if (_table.NextRequest(now, MayRegisterNew(now)) is not null)
            due = Earlier(due, _nextRequestAt);
        else if (_table.NextRetryAt(now) is { } retryAt)
            due = Earlier(due, retryAt);
        if (_pending is null && !MayRegisterNew(now) && _table.NextRequest(now, mayRegisterNew: true) is not null)
        {
            due = Earlier(
                due,
                IsBeyondBudget(now) && _table.All.Any(IsRefusable) ? Later(now, _nextRequestAt) : _newRegistrations.NextAt(now));
        }

        if (!MayRegisterNew(now) && Group is { HasEvicted: true })
            due = Earlier(due, _newRegistrations.NextAt(now));
        _actions.SetTimer(this, due);
    }

    private static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private readonly record struct PendingRequest(Registration Registration, RequestType Type, TimeSpan Deadline);

    // Opens, loses and ends connections.

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
    /// The process did not run for a while: data may be missing, and the frames that follow may have waited.
    /// Called before any event that waited.
    /// </summary>
    public void Paused()
    {
        if (Phase != SessionPhase.Open)
            return;
        foreach (var registration in _table.All)
            Interrupt(registration, GapReason.Paused);
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
            Unregister(registration, reason == LossReason.Silence ? GapReason.Silence : GapReason.ConnectionLost);
        Phase = decision.Halt is null ? SessionPhase.Waiting : SessionPhase.Halted;
        if (decision.Halt is null && _table.DesiredCount == 0)
            Phase = SessionPhase.Idle;
        _actions.Lost(this, reason, reply);
        ApplyDecision(decision, reply, now);
    }

    // Without the connection the server holds no registration, and every key is invalid.
    private void Unregister(Registration registration, GapReason cause)
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

    private void Interrupt(Registration registration, GapReason cause)
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
        foreach (var registration in _table.All.OrderByDescending(r => r.Priority).ToArray())
        {
            if (registration.SubscriberCount > 0 && Group?.TryMove(registration, now) == true)
                continue;
            _table.Remove(registration);
            _actions.Refused(registration, RefusalReason.SessionHalted, reply);
        }

        Group?.Rebalance(now);
    }

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;

    /// <summary>Gives a registration up to another session.</summary>
    internal void Withdraw(Registration registration) => _table.Withdraw(registration);

    /// <summary>Whether it can adopt a registration once it has a free slot.</summary>
    internal bool MayAdopt(Registration registration) =>
        !IsOver
        && _table.Find(registration.Feed.TrId, registration.Key) is null
        && !registration.RefusedBy.Contains(this);

    /// <summary>Adopts a registration that another session has given up, and gives it a slot.</summary>
    internal void Adopt(Registration registration, TimeSpan now)
    {
        registration.Reset();
        registration.Eviction = 0;
        _table.Add(registration);
        Interrupt(registration, GapReason.Moved);
        Proceed(now);
    }

    // Gives slots up to registrations with a higher priority, and gets them back.

    /// <summary>Sets its timer for the time when the budget allows a new registration, if it did not before.</summary>
    internal void ResetTimer(TimeSpan now)
    {
        if (Phase == SessionPhase.Open)
            SetTimer(now);
    }

    /// <summary>Whether the budget allows one more new registration now, besides those that are queued.</summary>
    internal bool MayRegisterAnother(TimeSpan now) =>
        !IsOver
        && _newRegistrations.Left(now)
            > _table.All.Count(r => r is { State: RegistrationState.Queued, IsEvicted: false, IsNew: true });

    /// <summary>
    /// Takes the slot of a registration, which is released. One that was never confirmed is refused, because its subscribers still wait.
    /// </summary>
    internal void Evict(Registration registration, long eviction)
    {
        if (registration.WasConfirmed)
        {
            registration.Eviction = eviction;
            registration.WasEvicted = true;
            registration.IsInterrupted = true;
            _actions.Evicted(registration);
            return;
        }

        registration.Abandon();
        if (registration.State == RegistrationState.Queued)
            _table.Remove(registration);
        _actions.Refused(registration, RefusalReason.Evicted, null);
    }

    /// <summary>
    /// Gives a slot to an evicted registration of this session. It is registered again, unless its release was not sent yet.
    /// </summary>
    internal void Restore(Registration registration, TimeSpan now)
    {
        registration.Eviction = 0;
        registration.Failures = 0;
        _table.Requeue(registration);
        if (registration.State == RegistrationState.Unanswered)
            registration.MustRenew = true;
        if (registration.IsConfirmed)
            Confirm(registration);
        Proceed(now);
    }

    // Connects and sends only with permission, if the session needs it.

    public bool IsWaitingForPermit => Phase == SessionPhase.Waiting && _isPermitRequested;

    /// <summary>The session may make one connection attempt, as requested by <see cref="ISessionActions.RequestPermit"/>.</summary>
    public void PermitGranted(TimeSpan now)
    {
        if (!_isPermitRequested)
            return;
        _isPermitRequested = false;
        if (Phase != SessionPhase.Waiting)
            return;
        _isPermitted = true;
        TryConnect(now);
    }

    /// <summary>
    /// The permission ended: drops the connection without sending anything. Registrations stay, and are restored when the session may
    /// connect again. This is not a failure: it does not count, and delays nothing.
    /// </summary>
    public void StandDown(TimeSpan now)
    {
        _schedule.StoodDown();
        if (Phase is not (SessionPhase.Open or SessionPhase.Connecting))
            return;
        var wasOpen = Phase == SessionPhase.Open;
        _actions.Disconnect(this, Connection, isDead: true);
        ClearConnectionState();
        foreach (var registration in _table.All.ToArray())
            Unregister(registration, GapReason.StoodDown);
        Phase = _table.DesiredCount > 0 ? SessionPhase.Waiting : SessionPhase.Idle;
        if (wasOpen)
            _actions.Lost(this, LossReason.StoodDown, null);
        Advance(now);
    }

    private bool StandsDown(TimeSpan now)
    {
        if (!Settings.NeedsPermit || _actions.MaySend(this))
            return false;
        StandDown(now);
        return true;
    }

    private void RequestPermit()
    {
        NextAttemptAt = null;
        if (_isPermitRequested)
            return;
        _isPermitRequested = true;
        _actions.RequestPermit(this);
    }

    // Applies the server's answers, and missing answers, to the registrations.

    private void ReplyReceived(BrokerReply reply, TimeSpan now)
    {
        using var key = reply.NoticeKey; // Disposed at the end; the registration keeps a copy.
        if (!reply.IsSuccess
            && reply.Code.Meaning is BrokerCodeMeaning.AppKeyInUse
                or BrokerCodeMeaning.UnknownApprovalKey
                or BrokerCodeMeaning.BadCredentials)
        {
            OnConnectionLost(LossReason.Refused, reply, now);
            return;
        }

        if (_pending is { } pending && Answers(reply, pending))
        {
            _pending = null;
            if (pending.Type == RequestType.Register)
                OnRegisterReply(pending.Registration, reply, now);
            else
                OnReleaseReply(pending.Registration, reply, now);
        }
        else
        {
            OnLateReply(reply);
        }

        Advance(now);
    }

    // A refusal may contain "(null)" or nothing instead of TR ID and key; this is unambiguous because only one request is open at a time.
    private static bool Answers(BrokerReply reply, PendingRequest pending)
    {
        var registration = pending.Registration;
        var toOther = pending.Type == RequestType.Register
            ? reply.Code == BrokerCode.UnsubscribeSuccess || reply.Code == BrokerCode.NotSubscribed
            : reply.Code == BrokerCode.SubscribeSuccess || reply.Code == BrokerCode.AlreadySubscribed;
        return !toOther
            && (reply.TrId is null ? !reply.IsSuccess : reply.TrId.Equals(registration.Feed.TrId, StringComparison.Ordinal))
            && (reply.TrKey is null || reply.TrKey.Trim().Equals(registration.Key, StringComparison.Ordinal));
    }

    private void ServerEventReceived(ServerEvent serverEvent, TimeSpan now)
    {
        var registration = serverEvent is { TrId: { } trId, TrKey: { } key } ? _table.Find(trId, key) : null;
        if (serverEvent.Kind == ServerEventKind.Source)
            _router.StatedDay = serverEvent.Day;
        if (serverEvent.Kind != ServerEventKind.Refused)
        {
            _actions.ServerEventReceived(this, registration, serverEvent);
            return;
        }

        if (registration is not { State: RegistrationState.Registered, SubscriberCount: > 0 })
            return;

        // The server still lists it, so it is released before it can be registered again.
        registration.Abandon();
        registration.MustRenew = true;
        _actions.Refused(registration, RefusalReason.Server, new BrokerReply
        {
            TrId = serverEvent.TrId,
            TrKey = serverEvent.TrKey,
            ResultCode = "1",
            Code = new BrokerCode(serverEvent.Code ?? ""),
            Text = serverEvent.Text ?? "",
        });
        Advance(now);
    }

    private void OnRegisterReply(Registration registration, BrokerReply reply, TimeSpan now)
    {
        var stands = reply.Code.Meaning == BrokerCodeMeaning.AlreadyRegistered;
        if (!reply.IsSuccess && !stands)
        {
            OnRegisterRefused(registration, reply, now);
            return;
        }

        _schedule.Accepted();
        registration.State = RegistrationState.Registered;
        StoreNoticeKey(registration, reply);
        if (stands && registration.Feed.IsNotice && registration.Cipher is null)
        {
            Renew(registration);
            return;
        }

        if (registration is { SubscriberCount: > 0, IsEvicted: false })
            Confirm(registration);
    }

    private void Confirm(Registration registration)
    {
        registration.WasReleased = false;
        registration.WasEvicted = false;
        registration.WasConfirmed = true;
        registration.IsInterrupted = false;
        registration.Failures = 0;
        registration.RefusedBy.Clear();
        _actions.Confirmed(registration);
    }

    private void OnRegisterRefused(Registration registration, BrokerReply reply, TimeSpan now)
    {
        if (registration.IsEvicted && reply.Code.Meaning is BrokerCodeMeaning.TryLater or BrokerCodeMeaning.SessionFull)
        {
            registration.State = RegistrationState.Queued;
            _actions.UnexpectedReply(this, reply);
            return;
        }

        if (reply.Code.Meaning == BrokerCodeMeaning.TryLater && MayRetry(registration, now))
        {
            registration.State = RegistrationState.Queued;
            registration.RetryAt = now + RetryDelay(registration);
            _actions.UnexpectedReply(this, reply);
            return;
        }

        if (reply.Code.Meaning == BrokerCodeMeaning.SessionFull
            && registration.SubscriberCount > 0
            && Group?.TryMove(registration, now) == true)
        {
            return;
        }
        _table.Remove(registration);
        _actions.Refused(registration, RefusalReason.Server, reply);
    }

    // The first failure is reported to the caller, who decides. A registration that was confirmed before is retried without involving
    // anybody, for as long as a session is.
    private bool MayRetry(Registration registration, TimeSpan now)
    {
        if (registration is not { WasConfirmed: true, SubscriberCount: > 0 } || !Settings.Reconnect.IsEnabled)
            return false;
        if (registration.Failures++ == 0)
            registration.FailingSince = now;
        return Settings.Reconnect.GiveUpAfter is not { } limit || now - registration.FailingSince < limit;
    }

    private TimeSpan RetryDelay(Registration registration) =>
        Backoff.After(Settings.Reconnect.InitialDelay, registration.Failures - 1, Settings.Reconnect.MaxRefusedDelay);

    // Only the first acknowledgement contains the key and IV. If that was lost, releasing and registering again returns new ones.
    private void Renew(Registration registration)
    {
        if (registration is { WasRenewed: true, IsEvicted: false })
        {
            registration.Abandon();
            registration.MustRenew = true;
            _actions.Refused(registration, RefusalReason.NoNoticeKey, null);
            return;
        }

        registration.WasRenewed = true;
        registration.MustRenew = true;
    }

    private void OnReleaseReply(Registration registration, BrokerReply reply, TimeSpan now)
    {
        if (!reply.IsSuccess && reply.Code.Meaning != BrokerCodeMeaning.NotRegistered)
        {
            _actions.UnexpectedReply(this, reply);
            OnReleaseFailed(registration, reply, now);
            return;
        }

        registration.MustRenew = false;
        if (registration.SubscriberCount > 0)
        {
            // A subscriber has requested it since the release was sent, or it is being renewed, or it was evicted.
            registration.ClearKey();
            registration.State = RegistrationState.Queued;
            registration.WasReleased = true;
            Interrupt(registration, GapReason.Renewed);
            return;
        }

        _table.Remove(registration);
        _actions.Released(registration);
    }

    // It is unknown whether the server still holds it, so it keeps its slot until a later release is answered. Nobody waits for
    // that answer, which may never come.
    private void OnReleaseFailed(Registration registration, BrokerReply? reply, TimeSpan now)
    {
        registration.State = RegistrationState.Unanswered;
        registration.RetryAt = now + Settings.ReplyTimeout;
        var reason = reply is null ? RefusalReason.NoReply : RefusalReason.Server;
        if (registration.SubscriberCount == 0)
        {
            _actions.Released(registration);
        }
        else if (!registration.WasEvicted)
        {
            if (MayRetry(registration, now))
            {
                registration.RetryAt = Later(registration.RetryAt, now + RetryDelay(registration));
            }
            else
            {
                registration.Abandon();
                _actions.Refused(registration, reason, reply);
            }
        }

        while (_table.NextWithoutSlot() is { } queued)
        {
            if (Group?.TryMove(queued, now) == true)
                continue;
            _table.Remove(queued);
            _actions.Refused(queued, reason, reply);
        }
    }

    // An answer to a request that timed out, or one that was sent twice.
    private void OnLateReply(BrokerReply reply)
    {
        _actions.UnexpectedReply(this, reply);
        var registration = reply is { TrId: { } trId, TrKey: { } key } ? _table.Find(trId, key.Trim()) : null;
        if (reply.IsSuccess && reply.Code == BrokerCode.SubscribeSuccess)
        {
            OnLateRegistration(reply, registration);
        }
        else if (reply.Code.Meaning is BrokerCodeMeaning.Done or BrokerCodeMeaning.NotRegistered)
        {
            OnLateRelease(registration);
        }
        else if (!reply.IsSuccess
            && registration is { State: RegistrationState.Registered }
            && (registration.Feed.IsNotice || reply.Code.Meaning != BrokerCodeMeaning.AlreadyRegistered))
        {
            // One of the two answers, and perhaps its key, belongs to an earlier request. Registering again resolves this.
            registration.MustRenew = true;
        }
    }

    private void OnLateRegistration(BrokerReply reply, Registration? registration)
    {
        if (registration is null)
        {
            // The server holds a registration without subscribers: it is added so that it gets released. The server cannot
            // hold more than the session's limit.
            if (_table.OnWire >= _table.Limit
                || reply.TrKey is not { } key
                || !_catalog.TryGet(Encoding.UTF8.GetBytes(reply.TrId ?? ""), out var feed))
            {
                return;
            }
            registration = _table.Add(feed, key.Trim());
            registration.State = RegistrationState.Registered;
            // The answer may be older than a release. A subscriber that requests it meanwhile gets it once it is registered again.
            registration.MustRenew = true;
            StoreNoticeKey(registration, reply);
            return;
        }

        // The answer to a request from before its release, whose key is no longer valid: it has not been requested since.
        if (registration.State == RegistrationState.Queued)
            return;
        var hadKey = registration.Cipher is not null;
        var isOther = StoreNoticeKey(registration, reply) && hadKey;
        if ((registration.State == RegistrationState.Unanswered && registration.SubscriberCount > 0)
            || (registration.State == RegistrationState.Registered && isOther))
        {
            registration.MustRenew = true; // It is unknown which of the two keys is the newer one.
        }
    }

    // An unanswered registration is left to its next release: this answer may refer to one from before it was last registered.
    private static void OnLateRelease(Registration? registration)
    {
        if (registration is { State: RegistrationState.Registered })
            registration.MustRenew = true;
    }

    private void OnNoReply(PendingRequest pending, TimeSpan now)
    {
        var registration = pending.Registration;
        if (pending.Type == RequestType.Release)
        {
            OnReleaseFailed(registration, null, now);
            return;
        }

        registration.State = RegistrationState.Unanswered;
        registration.RetryAt = now;
        if (registration.IsEvicted || MayRetry(registration, now))
        {
            registration.MustRenew = true;
            return;
        }

        registration.Abandon();
        _actions.Refused(registration, RefusalReason.NoReply, null);
    }

    private static bool StoreNoticeKey(Registration registration, BrokerReply reply)
    {
        registration.HasInvalidKey = reply.HasInvalidNoticeKey && registration.Cipher is null;
        if (reply.NoticeKey is not { } key || !registration.Feed.IsNotice || registration.Cipher?.Key.Matches(key) == true)
            return false;
        registration.ClearKey();
        registration.Cipher = new NoticeCipher(key.Copy());
        return true;
    }
}

using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Session;

/// <summary>
/// The session of one app key as a state machine, over any number of connections. Events are passed in as calls; actions are requested through
/// <see cref="ISessionActions"/>. It performs no I/O, reads no clock and starts no thread, so any sequence of events can be replayed. All times come
/// from a monotonic clock that the caller reads. Not thread-safe.
/// </summary>
/// <remarks>
/// Requests are sent one at a time, each after the answer to the previous one: some refusals do not say which request they answer, and can be
/// attributed only this way.
/// </remarks>
internal sealed partial class SessionMachine
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

    /// <summary>Creates a session that is not connected yet.</summary>
    public SessionMachine(SessionSettings settings, FeedCatalog catalog, ISessionActions actions, RateBudget? budget = null, RateBudget? newRegistrations = null)
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

    /// <summary>Number of registrations that have subscribers, whether the server holds them yet or not.</summary>
    public int DesiredCount => _table.DesiredCount;

    /// <summary>How many new registrations can be requested now. Registrations restored after a loss do not count.</summary>
    public int NewRegistrationsLeft(TimeSpan now) => _newRegistrations.Left(now);

    internal RateBudget NewRegistrations => _newRegistrations;

    /// <summary>Finds another session for registrations that this one cannot hold.</summary>
    internal IRegistrationPlacement? Placement { get; set; }

    internal IEnumerable<KeyValuePair<string, FeedRegistrations>> Feeds => _table.Feeds;

    internal bool HasSubscribers(FeedSchema feed, string key) => _table.Find(feed.TrId, key) is { SubscriberCount: > 0 };

    private bool IsOver => Phase is SessionPhase.Halted or SessionPhase.Ended;

    /// <summary>A subscriber requests a key of a feed. A key requested twice is registered once.</summary>
    /// <returns>The registration, which is confirmed or refused later unless it is already confirmed; a session that is not connected connects for
    /// it. <see langword="null"/> if the session has ended, is full, or may not request a new registration within
    /// <see cref="SessionSettings.ReplyTimeout"/>.</returns>
    public Registration? TrySubscribe(FeedSchema feed, string key, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(feed);
        if (IsOver)
            return null;
        if (IsBeyondBudget(now))
            RefuseQueued();
        var registration = _table.Find(feed.TrId, key);
        if (registration is not { SubscriberCount: > 0 } && (_table.DesiredCount >= _table.Limit || (registration is null && IsBeyondBudget(now))))
            return null;

        registration ??= _table.Add(feed, key);
        registration.SubscriberCount++;
        if (registration.State == RegistrationState.Unanswered)
            registration.MustRenew = true;
        if (registration.IsConfirmed)
            registration.WasConfirmed = true; // Subscribed again before its release was sent: the server will not confirm it a second time.
        Advance(now);
        return registration;
    }

    /// <summary>A subscriber no longer needs a registration. It is released when no subscriber is left.</summary>
    public void Unsubscribe(Registration registration, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(registration);
        if (registration.State == RegistrationState.Ended || registration.SubscriberCount == 0)
            return;
        registration.SubscriberCount--;
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

    private void Advance(TimeSpan now)
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
        if (_pending is not null || now < _nextRequestAt)
            return;
        if (IsBeyondBudget(now))
            RefuseQueued();
        if (_table.NextRequest(now, MayRegisterNew(now)) is not { } next)
            return;

        if (StandsDown(now))
            return;
        var (registration, type) = next;
        if (type == RequestType.Register && !registration.WasConfirmed)
            _newRegistrations.TryAcquire(now, out _);
        registration.State = type == RequestType.Register ? RegistrationState.Registering : RegistrationState.Releasing;
        _pending = new PendingRequest(registration, type, now + Settings.ReplyTimeout);
        _nextRequestAt = now + Settings.RequestInterval;
        _request.ResetWrittenCount();
        new Request(_approvalKey, Settings.CustomerType, type, registration.Feed.TrId, registration.Key).Write(_request);
        _actions.Send(this, _request.WrittenSpan);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(_request.WrittenMemory).Span);
    }

    private bool MayRegisterNew(TimeSpan now) => _newRegistrations.NextAt(now) <= now;

    private bool IsBeyondBudget(TimeSpan now) => _newRegistrations.NextAt(now) - now > Settings.ReplyTimeout;

    // A new registration waits at most ReplyTimeout for the rate limit; otherwise it is refused.
    private void RefuseQueued()
    {
        foreach (var registration in _table.All.Where(r => r is { State: RegistrationState.Queued, WasConfirmed: false }).ToArray())
        {
            _table.Remove(registration);
            _actions.Refused(registration, RefusalReason.TooManyNew, null);
        }
    }

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
            due = Earlier(due, IsBeyondBudget(now) ? Later(now, _nextRequestAt) : _newRegistrations.NextAt(now));
        _actions.SetTimer(this, due);
    }

    private static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private readonly record struct PendingRequest(Registration Registration, RequestType Type, TimeSpan Deadline);
}

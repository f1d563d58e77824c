using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KisFeed.Wire;

namespace KisFeed.Session;

/// <summary>
/// The session of one app key as a state machine, over as many connections as it takes: events go in as calls, actions come out through
/// <see cref="ISessionActions"/>. It does no I/O, reads no clock and starts no thread, so that any course of events can be replayed. Times are
/// those of a monotonic clock that the shell reads. Not for several threads at once.
/// </summary>
/// <remarks>
/// Requests go out one at a time, each after the answer to the one before: some refusals do not say which request they answer, and
/// only so can they be attributed.
/// </remarks>
public sealed partial class SessionMachine
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

    /// <summary>A session that is not connected yet.</summary>
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

    /// <summary>What the session is allowed.</summary>
    public SessionSettings Settings { get; }

    /// <summary>Where the session is in its life.</summary>
    public SessionPhase Phase { get; private set; }

    /// <summary>What the consumer wants and the server holds.</summary>
    public IReadOnlyList<Registration> Registrations => _table.All;

    /// <summary>Data frames received, over all connections.</summary>
    public long Frames => _router.Frames;

    /// <summary>Messages that could not be read.</summary>
    public long Malformed => _router.Malformed;

    /// <summary>Records received for keys that are not registered.</summary>
    public long Unrouted => _router.Unrouted;

    /// <summary>Heartbeats received and answered.</summary>
    public long Heartbeats { get; private set; }

    /// <summary>Registrations that somebody wants, whether the server holds them yet or not.</summary>
    public int RecordFilter => _table.RecordFilter;

    /// <summary>How many new registrations may be asked for just now. Those that are restored after a loss do not count.</summary>
    public int NewRegistrationsLeft(TimeSpan now) => _newRegistrations.Left(now);

    /// <summary>How often new registrations may be asked for.</summary>
    internal RateBudget NewRegistrations => _newRegistrations;

    /// <summary>Where a registration goes that this session cannot have.</summary>
    internal IRegistrationPlacement? Placement { get; set; }

    /// <summary>What has been received of each feed.</summary>
    internal IEnumerable<KeyValuePair<string, FeedRegistrations>> Feeds => _table.Feeds;

    /// <summary>Whether somebody wants this key of this feed of this session.</summary>
    internal bool IsWanted(FeedSchema feed, string key) => _table.Find(feed.TrId, key) is { Demand: > 0 };

    private bool IsOver => Phase is SessionPhase.Halted or SessionPhase.Ended;

    /// <summary>A subscriber wants a key of a feed. The same key wanted twice is registered once.</summary>
    /// <returns>
    /// The registration, which is confirmed or refused later unless it is confirmed already; a session that is not connected connects for it.
    /// <see langword="null"/> where the session is over, holds as many registrations as it may, or may not ask for a new one within <see cref="SessionSettings.ReplyTimeout"/>.
    /// </returns>
    public Registration? TrySubscribe(FeedSchema feed, string key, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(feed);
        if (IsOver)
            return null;
        if (IsBeyondBudget(now))
            RefuseNew();
        var registration = _table.Find(feed.TrId, key);
        if (registration is not { Demand: > 0 } && (_table.RecordFilter >= _table.Limit || (registration is null && IsBeyondBudget(now))))
            return null;

        registration ??= _table.Add(feed, key);
        registration.Demand++;
        if (registration.State == RegistrationState.Unanswered)
            registration.MustRenew = true;
        if (registration.IsConfirmed)
            registration.WasConfirmed = true; // RecordFilter again before its release was sent: nothing will confirm it once more.
        Proceed(now);
        return registration;
    }

    /// <summary>A subscriber no longer wants a registration. It is released when nobody does.</summary>
    public void Unsubscribe(Registration registration, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(registration);
        if (registration.State == RegistrationState.Ended || registration.Demand == 0)
            return;
        registration.Demand--;
        if (registration.Demand == 0)
        {
            registration.Abandon();
            if (registration.State == RegistrationState.Queued)
            {
                _table.Remove(registration);
                _actions.Released(registration);
            }
        }

        Proceed(now);
    }

    /// <summary>A text message arrived.</summary>
    /// <param name="connection">The number of the connection that it arrived on.</param>
    /// <param name="text">The whole message, valid during the call.</param>
    /// <param name="receivedAt">When it arrived, by the wall clock.</param>
    /// <param name="now">When it arrived, by the monotonic clock.</param>
    public void TextReceived(long connection, ReadOnlySpan<byte> text, DateTimeOffset receivedAt, TimeSpan now)
    {
        if (!IsOpen(connection))
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
            case ServerEvent happened when _takesServerEvents:
                ServerEventReceived(happened, now);
                break;
            default:
                _router.MalformedForAll(error, text, receivedAt);
                break;
        }
    }

    /// <summary>A message arrived that was too long to be kept; <paramref name="head"/> is what was kept of it.</summary>
    public void OversizedReceived(long connection, ReadOnlySpan<byte> head, DateTimeOffset receivedAt, TimeSpan now)
    {
        if (!IsOpen(connection))
            return;
        _lastInbound = now;
        _router.MalformedForAll(new FrameError(FrameErrorKind.TooLong, head.Length), head, receivedAt);
    }

    /// <summary>The time that <see cref="ISessionActions.SetTimer"/> named has come.</summary>
    public void TimerDue(TimeSpan now)
    {
        if (Phase == SessionPhase.Open && now - _lastInbound >= Settings.WatchdogTimeout)
        {
            Lose(LossReason.Silence, null, now);
        }
        else if (Phase == SessionPhase.Open && _pending is { } pending && now >= pending.Deadline)
        {
            _pending = null;
            Unanswered(pending, now);
        }

        Proceed(now);
    }

    private void Proceed(TimeSpan now)
    {
        switch (Phase)
        {
            case SessionPhase.Idle when _table.RecordFilter > 0:
                Phase = SessionPhase.Waiting;
                TryConnect(now);
                break;
            case SessionPhase.Waiting:
                TryConnect(now);
                break;
            case SessionPhase.Open:
                SendNext(now);
                SetTimer(now);
                break;
        }
    }

    private void SendNext(TimeSpan now)
    {
        if (_pending is not null || now < _nextRequestAt)
            return;
        if (IsBeyondBudget(now))
            RefuseNew();
        if (_table.NextRequest(now, MayRegisterNew(now)) is not { } next)
            return;

        var (registration, type) = next;
        if (type == RequestType.Register && !registration.WasConfirmed)
            _newRegistrations.TryTake(now, out _);
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

    // Nobody waits for a turn that does not come soon.
    private void RefuseNew()
    {
        foreach (var registration in _table.All.Where(r => r is { State: RegistrationState.Queued, WasConfirmed: false }).ToArray())
        {
            _table.Remove(registration);
            _actions.Refused(registration, RefusalReason.TooManyNew, null);
        }
    }

    // A timer that comes a moment early, as they do, must come again; so it is set after every event but a frame.
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

using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KisFeed.Wire;

namespace KisFeed.Session;

/// <summary>
/// One session with the broker as a state machine: events go in as calls, actions come out through <see cref="ISessionActions"/>.
/// It does no I/O, reads no clock and starts no thread, so that any course of events can be replayed. Times are those of a monotonic clock
/// that the shell reads. Not for several threads at once.
/// </summary>
/// <remarks>
/// Requests go out one at a time, each after the answer to the one before: some refusals do not say which request they answer, and
/// only so can they be attributed.
/// </remarks>
public sealed partial class SessionMachine
{
    private readonly SessionSettings _settings;
    private readonly FeedCatalog _catalog;
    private readonly ISessionActions _actions;
    private readonly RegistrationLedger _ledger;
    private readonly FrameRouter _router;
    private readonly ArrayBufferWriter<byte> _request = new();
    private string _approvalKey = "";
    private PendingRequest? _pending;
    private TimeSpan _nextRequestAt;

    /// <summary>A session that is not connected yet.</summary>
    public SessionMachine(SessionSettings settings, FeedCatalog catalog, ISessionActions actions)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _catalog = catalog;
        _actions = actions;
        _ledger = new RegistrationLedger(settings.MaxRegistrations);
        _router = new FrameRouter(catalog, _ledger, actions);
    }

    /// <summary>Where the session is in its life.</summary>
    public SessionPhase Phase { get; private set; }

    /// <summary>What the consumer wants and the server holds.</summary>
    public IReadOnlyList<Registration> Registrations => _ledger.All;

    /// <summary>Data frames received.</summary>
    public long Frames => _router.Frames;

    /// <summary>Messages that could not be read.</summary>
    public long Malformed => _router.Malformed;

    /// <summary>Records received for keys that are not registered.</summary>
    public long Unrouted => _router.Unrouted;

    /// <summary>Heartbeats received and answered.</summary>
    public long Heartbeats { get; private set; }

    /// <summary>The connection stands.</summary>
    public void Opened(string approvalKey, TimeSpan now)
    {
        if (Phase != SessionPhase.Idle)
            throw new InvalidOperationException($"a session that is {Phase} cannot be opened");
        _approvalKey = approvalKey;
        _nextRequestAt = now;
        Phase = SessionPhase.Open;
        SendNext(now);
    }

    /// <summary>A subscriber wants a key of a feed. The same key wanted twice is registered once.</summary>
    /// <returns>
    /// The registration, which is confirmed or refused later unless it is confirmed already; <see langword="null"/> where the session has
    /// ended or holds as many registrations as it may.
    /// </returns>
    public Registration? TrySubscribe(FeedSchema feed, string key, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(feed);
        if (Phase == SessionPhase.Ended)
            return null;
        var registration = _ledger.Find(feed.TrId, key);
        if (registration is not { Demand: > 0 } && _ledger.Wanted >= _ledger.Limit)
            return null;

        registration ??= _ledger.Add(feed, key);
        registration.Demand++;
        if (registration.State == RegistrationState.Unanswered)
            registration.MustRenew = true;
        SendNext(now);
        return registration;
    }

    /// <summary>A subscriber no longer wants a registration. It is released when nobody does.</summary>
    public void Unsubscribe(Registration registration, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(registration);
        if (registration.State == RegistrationState.Ended || registration.Demand == 0)
            return;
        registration.Demand--;
        if (registration.Demand == 0 && registration.State == RegistrationState.Queued)
        {
            _ledger.Remove(registration);
            _actions.Released(registration);
        }

        SendNext(now);
    }

    /// <summary>A text message arrived.</summary>
    /// <param name="text">The whole message, valid during the call.</param>
    /// <param name="receivedAt">When it arrived, by the wall clock.</param>
    /// <param name="now">When it arrived, by the monotonic clock.</param>
    public void TextReceived(ReadOnlySpan<byte> text, DateTimeOffset receivedAt, TimeSpan now)
    {
        if (Phase != SessionPhase.Open)
            return;
        if (text is not [(byte)'{', ..])
        {
            _router.Route(text, receivedAt);
            return;
        }

        switch (ControlMessage.TryParse(text, out var error))
        {
            case Heartbeat:
                Heartbeats++;
                _actions.Send(text);
                break;
            case BrokerReply reply:
                ReplyReceived(reply, now);
                break;
            default:
                _router.MalformedForAll(error, text, receivedAt);
                break;
        }
    }

    /// <summary>A message arrived that was too long to be kept; <paramref name="head"/> is what was kept of it.</summary>
    public void OversizedReceived(ReadOnlySpan<byte> head, DateTimeOffset receivedAt)
    {
        if (Phase == SessionPhase.Open)
            _router.MalformedForAll(new FrameError(FrameErrorKind.TooLong, head.Length), head, receivedAt);
    }

    /// <summary>The time that <see cref="ISessionActions.SetTimer"/> named has come.</summary>
    public void TimerDue(TimeSpan now)
    {
        if (Phase != SessionPhase.Open)
            return;
        if (_pending is { } pending && now >= pending.Deadline)
        {
            _pending = null;
            Unanswered(pending, now);
        }

        SendNext(now);
    }

    /// <summary>The connection is gone, or the consumer wants the session to end.</summary>
    public void Closed(SessionEndReason reason) => End(reason, null);

    private void SendNext(TimeSpan now)
    {
        if (Phase != SessionPhase.Open)
            return;
        if (_pending is { } pending)
        {
            // A timer that comes a moment early, as they do, must come again.
            _actions.SetTimer(pending.Deadline);
            return;
        }

        if (_ledger.NextRequest(now) is not { } next)
        {
            if (_ledger.NextRetryAt() is { } retryAt)
                _actions.SetTimer(retryAt);
            return;
        }

        if (now < _nextRequestAt)
        {
            _actions.SetTimer(_nextRequestAt);
            return;
        }

        var (registration, type) = next;
        registration.State = type == RequestType.Register ? RegistrationState.Registering : RegistrationState.Releasing;
        _pending = new PendingRequest(registration, type, now + _settings.ReplyTimeout);
        _nextRequestAt = now + _settings.RequestInterval;
        _request.ResetWrittenCount();
        new Request(_approvalKey, _settings.CustomerType, type, registration.Feed.TrId, registration.Key).Write(_request);
        _actions.Send(_request.WrittenSpan);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsMemory(_request.WrittenMemory).Span);
        _actions.SetTimer(_pending.Value.Deadline);
    }

    private void End(SessionEndReason reason, BrokerReply? reply)
    {
        if (Phase == SessionPhase.Ended)
            return;
        Phase = SessionPhase.Ended;
        _pending = null;
        _approvalKey = "";
        _ledger.Clear();
        _actions.Ended(reason, reply);
    }

    private readonly record struct PendingRequest(Registration Registration, RequestType Type, TimeSpan Deadline);
}

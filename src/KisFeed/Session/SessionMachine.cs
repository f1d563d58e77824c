using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
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
public sealed class SessionMachine
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

    private void ReplyReceived(BrokerReply reply, TimeSpan now)
    {
        using var key = reply.NoticeKey; // Whoever needs it has made a copy by the end.
        if (!reply.IsSuccess && reply.Code.Meaning is BrokerCodeMeaning.AppKeyInUse or BrokerCodeMeaning.UnknownApprovalKey or BrokerCodeMeaning.BadCredentials)
        {
            End(SessionEndReason.Refused, reply);
            return;
        }

        if (_pending is { } pending && Answers(reply, pending))
        {
            _pending = null;
            if (pending.Type == RequestType.Register)
                RegisterAnswered(pending.Registration, reply);
            else
                ReleaseAnswered(pending.Registration, reply, now);
        }
        else
        {
            LateReply(reply);
        }

        SendNext(now);
    }

    // A refusal may come with "(null)" or nothing where the TR ID and key should stand; only one request is ever open.
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

    private void RegisterAnswered(Registration registration, BrokerReply reply)
    {
        var stands = reply.Code.Meaning == BrokerCodeMeaning.AlreadyRegistered;
        if (!reply.IsSuccess && !stands)
        {
            _ledger.Remove(registration);
            _actions.Refused(registration, RefusalReason.Server, reply);
            return;
        }

        registration.State = RegistrationState.Registered;
        TakeKey(registration, reply);
        if (stands && registration.Feed.IsNotice && registration.Cipher is null)
        {
            Renew(registration);
            return;
        }

        if (registration.Demand > 0)
            _actions.Confirmed(registration);
    }

    // The key and IV come with the first acknowledgement alone. If that was lost, releasing and registering anew brings fresh ones.
    private void Renew(Registration registration)
    {
        if (registration.WasRenewed)
        {
            registration.Demand = 0;
            registration.MustRenew = true;
            _actions.Refused(registration, RefusalReason.NoNoticeKey, null);
            return;
        }

        registration.WasRenewed = true;
        registration.MustRenew = true;
    }

    private void ReleaseAnswered(Registration registration, BrokerReply reply, TimeSpan now)
    {
        if (!reply.IsSuccess && reply.Code.Meaning != BrokerCodeMeaning.NotRegistered)
        {
            _actions.UnexpectedReply(reply);
            ReleaseFailed(registration, reply, now);
            return;
        }

        registration.MustRenew = false;
        if (registration.Demand > 0)
        {
            // Somebody wants it again since the release was sent.
            ClearKey(registration);
            registration.State = RegistrationState.Queued;
            return;
        }

        _ledger.Remove(registration);
        _actions.Released(registration);
    }

    // Nobody knows whether the server still holds it, so it keeps its place until a later release is answered. Nobody waits for that: it
    // may never be.
    private void ReleaseFailed(Registration registration, BrokerReply? reply, TimeSpan now)
    {
        registration.State = RegistrationState.Unanswered;
        registration.RetryAt = now + _settings.ReplyTimeout;
        var reason = reply is null ? RefusalReason.NoReply : RefusalReason.Server;
        if (registration.Demand == 0)
        {
            _actions.Released(registration);
        }
        else
        {
            registration.Demand = 0;
            _actions.Refused(registration, reason, reply);
        }

        while (_ledger.NextWithoutPlace() is { } queued)
        {
            _ledger.Remove(queued);
            _actions.Refused(queued, reason, reply);
        }
    }

    // An answer to a request that was given up, or one sent twice.
    private void LateReply(BrokerReply reply)
    {
        _actions.UnexpectedReply(reply);
        var registration = reply is { TrId: { } trId, TrKey: { } key } ? _ledger.Find(trId, key.Trim()) : null;
        if (reply.IsSuccess && reply.Code == BrokerCode.SubscribeSuccess)
            LateRegistration(reply, registration);
        else if (reply.Code.Meaning is BrokerCodeMeaning.Done or BrokerCodeMeaning.NotRegistered)
            LateRelease(registration);
        else if (reply is { IsSuccess: false, Code.Meaning: not BrokerCodeMeaning.AlreadyRegistered } && registration is { State: RegistrationState.Registered })
            registration.MustRenew = true; // One of the two answers was about an earlier request. Registering anew settles which.
    }

    private void LateRegistration(BrokerReply reply, Registration? registration)
    {
        if (registration is null)
        {
            // The server holds what nobody wants: it is entered so that it gets released. It cannot hold more than the session may.
            if (_ledger.OnWire >= _ledger.Limit || reply.TrKey is not { } key || !_catalog.TryGet(Encoding.UTF8.GetBytes(reply.TrId ?? ""), out var feed))
                return;
            registration = _ledger.Add(feed, key.Trim());
            registration.State = RegistrationState.Registered;
            TakeKey(registration, reply);
            return;
        }

        TakeKey(registration, reply);
        if (registration.State == RegistrationState.Unanswered && registration.Demand > 0)
            registration.MustRenew = true;
    }

    // An unanswered registration is left to its next release: this answer may be about one before it was last registered.
    private static void LateRelease(Registration? registration)
    {
        if (registration is { State: RegistrationState.Registered })
            registration.MustRenew = true;
    }

    private void Unanswered(PendingRequest pending, TimeSpan now)
    {
        var registration = pending.Registration;
        if (pending.Type == RequestType.Release)
        {
            ReleaseFailed(registration, null, now);
            return;
        }

        registration.State = RegistrationState.Unanswered;
        registration.RetryAt = now;
        registration.Demand = 0;
        _actions.Refused(registration, RefusalReason.NoReply, null);
    }

    private static void TakeKey(Registration registration, BrokerReply reply)
    {
        registration.HasInvalidKey = reply.HasInvalidNoticeKey && registration.Cipher is null;
        if (reply.NoticeKey is not { } key || !registration.Feed.IsNotice || registration.Cipher?.Key.Matches(key) == true)
            return;
        ClearKey(registration);
        registration.Cipher = new NoticeCipher(key.Copy());
    }

    private static void ClearKey(Registration registration)
    {
        registration.Cipher?.Dispose();
        registration.Cipher = null;
    }

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

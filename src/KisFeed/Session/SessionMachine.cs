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
            Unanswered(pending);
        }

        SendNext(now);
    }

    /// <summary>The connection is gone, or the consumer wants the session to end.</summary>
    public void Closed(SessionEndReason reason) => End(reason, null);

    private void ReplyReceived(BrokerReply reply, TimeSpan now)
    {
        if (!reply.IsSuccess && reply.Code.Meaning is BrokerCodeMeaning.AppKeyInUse or BrokerCodeMeaning.UnknownApprovalKey or BrokerCodeMeaning.BadCredentials)
        {
            End(SessionEndReason.Refused, reply);
            return;
        }

        if (_pending is { } pending && Answers(reply, pending.Registration))
        {
            _pending = null;
            if (pending.Type == RequestType.Register)
                RegisterAnswered(pending.Registration, reply);
            else
                ReleaseAnswered(pending.Registration, reply);
        }
        else
        {
            LateReply(reply);
        }

        SendNext(now);
    }

    // A refusal may come with "(null)" or nothing where the TR ID and key should stand; only one request is ever open.
    private static bool Answers(BrokerReply reply, Registration registration) =>
        (reply.TrId is null || reply.TrId.Equals(registration.Feed.TrId, StringComparison.Ordinal))
        && (reply.TrKey is null || reply.TrKey.Trim().Equals(registration.Key, StringComparison.Ordinal))
        && (!reply.IsSuccess || reply.TrId is not null);

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
            _actions.Refused(registration, RefusalReason.NoNoticeKey, null);
            return;
        }

        registration.WasRenewed = true;
        registration.MustRenew = true;
    }

    private void ReleaseAnswered(Registration registration, BrokerReply reply)
    {
        registration.MustRenew = false;
        if (registration.Demand > 0)
        {
            // Somebody wants it again since the release was sent.
            ClearKey(registration);
            registration.State = RegistrationState.Queued;
            return;
        }

        if (!reply.IsSuccess && reply.Code.Meaning != BrokerCodeMeaning.NotRegistered)
            _actions.UnexpectedReply(reply);
        _ledger.Remove(registration);
        _actions.Released(registration);
    }

    private void LateReply(BrokerReply reply)
    {
        if (reply is { IsSuccess: true, TrId: { } trId, TrKey: { } key } && reply.Code == BrokerCode.SubscribeSuccess)
        {
            if (_ledger.Find(trId, key) is { } registration)
            {
                TakeKey(registration, reply);
                if (registration.State == RegistrationState.Unanswered)
                {
                    registration.State = RegistrationState.Registered;
                    registration.MustRenew = false;
                    if (registration.Demand > 0)
                        _actions.Confirmed(registration);
                }

                return;
            }

            if (_catalog.TryFind(trId, out var feed))
            {
                // The server holds what nobody wants: it is entered so that it gets released.
                _ledger.Add(feed, key).State = RegistrationState.Registered;
            }
        }

        reply.NoticeKey?.Dispose();
        _actions.UnexpectedReply(reply);
    }

    private void Unanswered(PendingRequest pending)
    {
        var registration = pending.Registration;
        if (pending.Type == RequestType.Register)
        {
            registration.State = RegistrationState.Unanswered;
            registration.Demand = 0;
            _actions.Refused(registration, RefusalReason.NoReply, null);
            return;
        }

        var wanted = registration.Demand > 0;
        _ledger.Remove(registration);
        if (wanted)
            _actions.Refused(registration, RefusalReason.NoReply, null);
        else
            _actions.Released(registration);
    }

    private static void TakeKey(Registration registration, BrokerReply reply)
    {
        if (reply.NoticeKey is not { } key)
            return;
        if (!registration.Feed.IsNotice || registration.Cipher?.Key.Matches(key) == true)
        {
            key.Dispose();
            return;
        }

        ClearKey(registration);
        registration.Cipher = new NoticeCipher(key);
    }

    private static void ClearKey(Registration registration)
    {
        registration.Cipher?.Dispose();
        registration.Cipher = null;
    }

    private void SendNext(TimeSpan now)
    {
        if (Phase != SessionPhase.Open || _pending is not null || _ledger.NextRequest() is not { } next)
            return;
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

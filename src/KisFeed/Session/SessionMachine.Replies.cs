using System.Text;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Session;

// Applies the server's answers, and missing answers, to the registrations.
internal sealed partial class SessionMachine
{
    private void ReplyReceived(BrokerReply reply, TimeSpan now)
    {
        using var key = reply.NoticeKey; // Disposed at the end; the registration keeps a copy.
        if (!reply.IsSuccess && reply.Code.Meaning is BrokerCodeMeaning.AppKeyInUse or BrokerCodeMeaning.UnknownApprovalKey or BrokerCodeMeaning.BadCredentials)
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
        _actions.Refused(registration, RefusalReason.Server, new BrokerReply { TrId = serverEvent.TrId, TrKey = serverEvent.TrKey, ResultCode = "1", Code = new BrokerCode(serverEvent.Code ?? ""), Text = serverEvent.Text ?? "" });
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

        if (registration.SubscriberCount > 0)
            Confirm(registration);
    }

    private void Confirm(Registration registration)
    {
        registration.WasReleased = false;
        registration.WasConfirmed = true;
        registration.IsInterrupted = false;
        registration.Failures = 0;
        registration.RefusedBy.Clear();
        _actions.Confirmed(registration);
    }

    private void OnRegisterRefused(Registration registration, BrokerReply reply, TimeSpan now)
    {
        if (reply.Code.Meaning == BrokerCodeMeaning.TryLater && MayRetry(registration, now))
        {
            registration.State = RegistrationState.Queued;
            registration.RetryAt = now + RetryDelay(registration);
            _actions.UnexpectedReply(this, reply);
            return;
        }

        if (reply.Code.Meaning == BrokerCodeMeaning.SessionFull && registration.SubscriberCount > 0 && Placement?.TryMove(registration, now) == true)
            return;
        _table.Remove(registration);
        _actions.Refused(registration, RefusalReason.Server, reply);
    }

    // The first failure is reported to the caller, who decides. A registration that was confirmed before is retried without involving anybody, for as
    // long as a session is.
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
        if (registration.WasRenewed)
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
            // A subscriber has requested it since the release was sent, or it is being renewed.
            registration.ClearKey();
            registration.State = RegistrationState.Queued;
            registration.WasReleased = true;
            Interrupt(registration, InterruptionCause.Renewed);
            return;
        }

        _table.Remove(registration);
        _actions.Released(registration);
    }

    // It is unknown whether the server still holds it, so it keeps its place until a later release is answered. Nobody waits for that answer, which
    // may never come.
    private void OnReleaseFailed(Registration registration, BrokerReply? reply, TimeSpan now)
    {
        registration.State = RegistrationState.Unanswered;
        registration.RetryAt = now + Settings.ReplyTimeout;
        var reason = reply is null ? RefusalReason.NoReply : RefusalReason.Server;
        if (registration.SubscriberCount == 0)
        {
            _actions.Released(registration);
        }
        else if (MayRetry(registration, now))
        {
            registration.RetryAt = Later(registration.RetryAt, now + RetryDelay(registration));
        }
        else
        {
            registration.Abandon();
            _actions.Refused(registration, reason, reply);
        }

        while (_table.NextWithoutPlace() is { } queued)
        {
            if (Placement?.TryMove(queued, now) == true)
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
            OnLateRegistration(reply, registration);
        else if (reply.Code.Meaning is BrokerCodeMeaning.Done or BrokerCodeMeaning.NotRegistered)
            OnLateRelease(registration);
        else if (!reply.IsSuccess && registration is { State: RegistrationState.Registered } && (registration.Feed.IsNotice || reply.Code.Meaning != BrokerCodeMeaning.AlreadyRegistered))
            registration.MustRenew = true; // One of the two answers, and perhaps its key, belongs to an earlier request. Registering again resolves this.
    }

    private void OnLateRegistration(BrokerReply reply, Registration? registration)
    {
        if (registration is null)
        {
            // The server holds a registration without subscribers: it is added so that it gets released. The server cannot hold more than the
            // session's limit.
            if (_table.OnWire >= _table.Limit || reply.TrKey is not { } key || !_catalog.TryGet(Encoding.UTF8.GetBytes(reply.TrId ?? ""), out var feed))
                return;
            registration = _table.Add(feed, key.Trim());
            registration.State = RegistrationState.Registered;
            registration.MustRenew = true; // The answer may be older than a release. A subscriber that requests it meanwhile gets it once it is registered again.
            StoreNoticeKey(registration, reply);
            return;
        }

        var hadKey = registration.Cipher is not null;
        var isOther = StoreNoticeKey(registration, reply) && hadKey;
        if ((registration.State == RegistrationState.Unanswered && registration.SubscriberCount > 0) || (registration.State == RegistrationState.Registered && isOther))
            registration.MustRenew = true; // It is unknown which of the two keys is the newer one.
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
        if (MayRetry(registration, now))
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

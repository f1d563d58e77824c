using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed;

// What the machine wants done. All of it happens under the lock.
internal sealed partial class SessionConnection
{
    void ISessionActions.Send(ReadOnlySpan<byte> text) => _socket.Send(text);

    void ISessionActions.SetTimer(TimeSpan dueAt)
    {
        var wait = dueAt - Now;
        _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    void ISessionActions.Deliver(Registration registration, in DataFrame frame, in FrameShape shape, DateTimeOffset receivedAt)
    {
        foreach (var attachment in ListOf(registration).Attachments)
        {
            if (attachment.IsReceiving)
                attachment.Queue.Write(frame.Bytes, shape, receivedAt);
        }
    }

    void ISessionActions.DeliverMalformed(Registration registration, in FrameError error, ReadOnlySpan<byte> raw, DateTimeOffset receivedAt)
    {
        // What may be everybody's is copied once for all.
        var isNew = _malformed is not { } last || last.Number != _machine.Malformed;
        if (isNew)
            _malformed = (_machine.Malformed, new MalformedFrame { Error = error, Raw = raw.ToArray(), ReceivedAt = receivedAt });
        foreach (var attachment in ListOf(registration).Attachments)
        {
            if (attachment.IsReceiving)
                attachment.Queue.Write(_malformed!.Value.Frame);
        }

        if (isNew && long.IsPow2(_machine.Malformed))
            ClientLog.Malformed(_logger, registration.Feed.TrId, error.ToString(), _machine.Malformed);
    }

    void ISessionActions.Confirmed(Registration registration)
    {
        ListOf(registration).Confirm();
        ClientLog.Registered(_logger, registration.Feed.TrId);
    }

    void ISessionActions.Refused(Registration registration, RefusalReason reason, BrokerReply? reply)
    {
        EndList(registration, Refusal(registration, reason, reply));
        ClientLog.Refused(_logger, registration.Feed.TrId, reply?.Code.Value ?? reason.ToString(), _secrets.Apply(reply?.Text ?? ""));
    }

    void ISessionActions.Released(Registration registration)
    {
        EndList(registration, null);
        ClientLog.Released(_logger, registration.Feed.TrId);
    }

    void ISessionActions.UnknownWidth(FeedSchema feed, in FrameShape shape) =>
        ClientLog.UnknownWidth(_logger, feed.TrId, shape.Width, shape.Layout.Width);

    void ISessionActions.UnexpectedReply(BrokerReply reply)
    {
        if (long.IsPow2(++_unexpected))
            ClientLog.UnexpectedReply(_logger, reply.Code.Value, _secrets.Apply(reply.Text), _unexpected);
    }

    void ISessionActions.Ended(SessionEndReason reason, BrokerReply? reply)
    {
        if (reply?.Code.Meaning == BrokerCodeMeaning.UnknownApprovalKey)
            _options.ApprovalKeys.Forget(_options, _approvalKey);
        var error = reason == SessionEndReason.Requested ? null : Loss(reply);
        foreach (var list in _lists)
            list.End(error);
        _lists.Clear();
        if (error is null)
        {
            _ended.TrySetResult();
            return;
        }

        _ended.TrySetException(error);
        _ = _ended.Task.Exception;
        ClientLog.Lost(_logger, _url, error.Message);
    }

    private SubscriberList ListOf(Registration registration)
    {
        if (registration.Subscribers is SubscriberList list)
            return list;
        list = new SubscriberList();
        registration.Subscribers = list;
        _lists.Add(list);
        return list;
    }

    private void EndList(Registration registration, Exception? error)
    {
        var list = ListOf(registration);
        list.End(error);
        _lists.Remove(list);
        registration.Subscribers = null;
    }

    private Exception Refusal(Registration registration, RefusalReason reason, BrokerReply? reply) => reason switch
    {
        RefusalReason.NoReply => new SubscribeTimeoutException($"{registration.Feed.TrId}: the server did not answer within {_options.ReplyTimeout.TotalSeconds:0.#} s; it may be asked for again, and if that fails too, connect anew"),
        RefusalReason.NoNoticeKey => new SubscribeRefusedException($"{registration.Feed.TrId}: the server holds the registration but gives no key to decrypt its notices; end other sessions of this app key and connect again") { Code = BrokerCode.AlreadySubscribed },
        _ => new SubscribeRefusedException($"{registration.Feed.TrId} was refused: {reply!.Code} {_secrets.Apply(reply.Text)}; {reply.Code.Advice}")
        {
            Code = reply.Code,
            BrokerText = _secrets.Apply(reply.Text),
        },
    };

    private ConnectionLostException Loss(BrokerReply? reply) => reply is null
        ? new ConnectionLostException($"{_url}: {_lossReason}", _lossCause!)
        : new ConnectionLostException($"{_url} refused the session: {reply.Code} {_secrets.Apply(reply.Text)}; {reply.Code.Advice}") { Code = reply.Code };
}

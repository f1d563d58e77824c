using KisFeed.Session;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Client;

// Carries out the actions of the sessions. All of it runs under the lock.
internal sealed partial class ClientRuntime
{
    void ISessionActions.Connect(SessionMachine session, long connection, bool freshKey)
    {
        _connections[session].Connect(connection, freshKey);
        NotifyObservers(session);
    }

    void ISessionActions.Disconnect(SessionMachine session, long connection, bool isDead) => _connections[session].Disconnect(isDead);

    void ISessionActions.Send(SessionMachine session, ReadOnlySpan<byte> text) => _connections[session].Send(text);

    void ISessionActions.SetTimer(SessionMachine session, TimeSpan dueAt)
    {
        _connections[session].SetTimer(dueAt);
        if (session.Phase == SessionPhase.Waiting)
            NotifyObservers(session);
    }

    void ISessionActions.RequestPermit(SessionMachine session)
    {
        _connections[session].RequestPermit();
        NotifyObservers(session);
    }

    bool ISessionActions.MaySend(SessionMachine session) => _connections[session].MaySend;

    void ISessionActions.Connected(SessionMachine session)
    {
        _connections[session].OnConnected();
        if (_taps.Count > 0)
            NotifyTaps(new SessionConnected { At = _clock.EventAt(), Session = session.Settings.Name });
    }

    void ISessionActions.Deliver(ReadOnlySpan<Registration> registrations, in DataFrame frame, in FrameShape shape, DateTimeOffset receivedAt)
    {
        foreach (var registration in registrations)
        {
            foreach (var handle in ListOf(registration).Handles)
            {
                if (handle.IsReceiving)
                    handle.Receiver.Write(frame.Bytes, shape, receivedAt);
            }
        }

        foreach (var tap in _taps)
            tap.EndFrame(frame.Bytes, shape, receivedAt);
    }

    void ISessionActions.DeliverMalformed(ReadOnlySpan<Registration> registrations, in FrameError error, ReadOnlySpan<byte> raw, DateTimeOffset receivedAt)
    {
        // A frame that may concern every registration is copied once for all.
        var feed = registrations[0].Feed;
        foreach (var registration in registrations)
            feed = feed == registration.Feed ? feed : null;
        var malformed = new MalformedFrame { Feed = feed, Error = error, Raw = raw.ToArray(), ReceivedAt = receivedAt };
        foreach (var registration in registrations)
        {
            foreach (var handle in ListOf(registration).Handles)
            {
                if (handle.IsReceiving)
                    handle.Receiver.Write(malformed);
            }
        }

        foreach (var tap in _taps)
            tap.EndFrame(malformed);
        if (long.IsPow2(++_malformedCount))
            ClientLog.Malformed(_logger, registrations[0].Feed.TrId, error.ToString(), _malformedCount);
    }

    void ISessionActions.Confirmed(Registration registration)
    {
        ListOf(registration).Confirm(registration.Session.Settings.Name, _clock.EventAt());
        _connections[registration.Session].HasWorked = true;
        ClientLog.Registered(_logger, registration.Feed.TrId);
        NotifyObservers(registration.Session);
    }

    void ISessionActions.Interrupted(Registration registration, InterruptionCause cause) =>
        ListOf(registration).Interrupt(cause switch
        {
            InterruptionCause.ConnectionLost => GapReason.ConnectionLost,
            InterruptionCause.Silence => GapReason.Silence,
            InterruptionCause.Moved => GapReason.Moved,
            InterruptionCause.StoodDown => GapReason.StoodDown,
            InterruptionCause.Paused => GapReason.Paused,
            _ => GapReason.Renewed,
        }, _pausedAt ?? _clock.EventAt());

    void ISessionActions.ServerEventReceived(SessionMachine session, Registration? registration, ServerEvent serverEvent)
    {
        switch (serverEvent.Kind)
        {
            case ServerEventKind.Interruption when registration is not null:
                ListOf(registration).Interrupt(ReasonOf(serverEvent), _clock.EventAt(), isUpstream: true);
                break;
            case ServerEventKind.Gap when registration is not null:
                ListOf(registration).AddUpstreamGap(new Gap { Reason = ReasonOf(serverEvent), From = serverEvent.From, To = serverEvent.To, Frames = serverEvent.Frames, IsUpstream = true });
                break;
            case ServerEventKind.Source:
                _connections[session].Source = Enum.TryParse<DataSource>(serverEvent.Source, ignoreCase: true, out var source) && Enum.IsDefined(source) ? source : null;
                NotifyObservers(session);
                break;
            case ServerEventKind.End:
                ClientLog.DataEnded(_logger, session.Settings.Name);
                if (_taps.Count > 0)
                    NotifyTaps(new DataEnded { At = _clock.EventAt(), Session = session.Settings.Name });
                break;
        }
    }

    void ISessionActions.Refused(Registration registration, RefusalReason reason, BrokerReply? reply)
    {
        var connection = _connections[registration.Session];
        var error = reason == RefusalReason.SessionHalted ? (Exception)connection.Halt! : connection.CreateRefusal(registration, reason, reply);
        EndList(registration, error);
        EndTapsIfOver();
        connection.Counts.Refused(new RefusalCause(registration.Feed.TrId, reason, reason == RefusalReason.Server && reply is not null ? DiagnosticTags.Name(reply.Code) : null));
        ClientLog.Refused(_logger, registration.Feed.TrId, connection.Redact(reply?.Code.Value ?? reason.ToString(), registration), connection.Redact(reply?.Text ?? "", registration));
    }

    void ISessionActions.Released(Registration registration)
    {
        EndList(registration, null);
        ClientLog.Released(_logger, registration.Feed.TrId);
    }

    void ISessionActions.UnknownWidth(FeedSchema feed, in FrameShape shape) =>
        ClientLog.UnknownWidth(_logger, feed.TrId, shape.Width, shape.Layout.Width);

    void ISessionActions.UnexpectedReply(SessionMachine session, BrokerReply reply)
    {
        if (long.IsPow2(++_unexpected))
            ClientLog.UnexpectedReply(_logger, _connections[session].Redact(reply.Code.Value), _connections[session].Redact(reply.Text), _unexpected);
    }

    void ISessionActions.Lost(SessionMachine session, LossReason reason, BrokerReply? reply)
    {
        _connections[session].OnLost(reason, reply);
        _connections[session].Counts.Lost(reason);
        if (reply is not null)
            _connections[session].Counts.Refused(new RefusalCause(null, RefusalReason.Server, DiagnosticTags.Name(reply.Code)));
        if (_taps.Count > 0)
            NotifyTaps(new SessionLost { At = _clock.EventAt(), Session = session.Settings.Name, Problem = _connections[session].Problem! });
        NotifyObservers(session);
    }

    void ISessionActions.AttemptFailed(SessionMachine session) => NotifyObservers(session);

    void ISessionActions.Halted(SessionMachine session, HaltReason reason, BrokerReply? reply)
    {
        _connections[session].OnHalted(reason, reply);
        NotifyObservers(session);
        if (!_group.Sessions.All(s => s.Phase == SessionPhase.Halted))
            return;
        _ended.TrySetException(_connections[session].Halt!);
        _ = _ended.Task.Exception;
        EndTapsIfOver();
        foreach (var observer in _observers)
            observer.Writer.TryComplete();
    }

    void ISessionActions.Ended(SessionMachine session) => NotifyObservers(session);

    // A reason that only a later version of the server knows counts as a lost connection.
    private static GapReason ReasonOf(ServerEvent serverEvent) =>
        Enum.TryParse<GapReason>(serverEvent.Reason, ignoreCase: true, out var reason) && Enum.IsDefined(reason) ? reason : GapReason.ConnectionLost;

    private static SubscriberList ListOf(Registration registration)
    {
        if (registration.Subscribers is SubscriberList list)
            return list;
        list = new SubscriberList();
        registration.Subscribers = list;
        return list;
    }

    private static void EndList(Registration registration, Exception? error)
    {
        ListOf(registration).End(error);
        registration.Subscribers = null;
    }

    private void NotifyObservers(SessionMachine session)
    {
        if (_observers.Count == 0)
            return;
        var status = StatusOf(session);
        foreach (var observer in _observers)
            observer.Writer.TryWrite(status);
    }
}

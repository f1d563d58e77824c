using System.Collections.Concurrent;
using System.Diagnostics;
using KisFeed.Output;
using KisFeed.Session;
using KisFeed.Wire;
using KisFeed.Wire.Control;
using Microsoft.Extensions.Logging;

namespace KisFeed.Client;

/// <summary>
/// The runtime around the sessions of a client: performs the actions that they decide on, and dispatches frames to the queues of their
/// subscriptions. Every event of every session is handled under one lock, and no code under the lock waits.
/// </summary>
internal sealed class ClientRuntime : ISessionActions, ITapSource, ISubscriptionOwner, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly KisFeedOptions _options;
    private readonly ILogger _logger;
    private readonly SessionGroup _group;
    private readonly Dictionary<SessionMachine, SessionConnection> _connections = [];
    private readonly StatusObservers<SessionStatus> _observers = new();
    private readonly ConcurrentDictionary<string, FeedTotals> _feeds = new(StringComparer.Ordinal);
    private readonly List<TapQueue> _taps = [];
    private readonly PendingWakeups _pendingWakeups = new();
    private readonly ReceiveClock _clock;
    private readonly ClientMetrics _metrics;
    private readonly PauseDetector _pauses;
    private readonly ITimer _pauseTimer;
    private DateTimeOffset? _pausedAt;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _malformedCount;
    private Task? _disposing;
    private long _unexpected;

    public ClientRuntime(KisFeedOptions options, FeedCatalog catalog, ILogger logger)
    {
        _options = options;
        _logger = logger;
        List<SessionMachine> sessions = [];
        var service = KisEndpoints.WebSocketOf(options);
        _clock = new ReceiveClock(options.TimeProvider);
        _pauses = new PauseDetector(options.RunClock ?? (options.TimeProvider == TimeProvider.System ? BootTimeProvider.Instance : null));
        foreach (var credentials in options.AllAppKeys)
        {
            var permit = options.Permits?.Invoke(credentials);
            var machine = new SessionMachine(
                SettingsOf(credentials) with { NeedsPermit = permit is not null },
                catalog,
                this,
                options.Budgets.ConnectionsOf(service, credentials.AppKey, options.Reconnect),
                options.Budgets.RegistrationsOf(
                    service, credentials.AppKey, options.NewRegistrationsPerMinute, options.NewRegistrationsPerHour));
            sessions.Add(machine);
            _connections.Add(
                machine, new SessionConnection(options, credentials, machine, _gate, _clock, _pendingWakeups, CheckPause, logger, permit));
        }

        _group = new SessionGroup(sessions);
        _metrics = new ClientMetrics(options, _gate, _connections, _feeds, _taps);
        _pauseTimer = options.TimeProvider.CreateTimer(
            static runtime => ((ClientRuntime)runtime!).OnPauseTimer(), this, PauseDetector.Interval, PauseDetector.Interval);
    }

    /// <summary>
    /// Completes when every session has ended: successfully if the client was disposed, otherwise with a
    /// <see cref="ConnectionLostException"/>.
    /// </summary>
    public Task Ended => _ended.Task;

    // The same clock for all clients of a machine, which share the attempt budget of an app key.
    private TimeSpan Now => _options.TimeProvider.GetElapsedTime(0);

    /// <summary>Starts to connect.</summary>
    public void Start()
    {
        lock (_gate)
        {
            foreach (var session in _group.Sessions)
                session.Start(Now);
        }
    }

    /// <summary>Returns once every session has connected for the first time.</summary>
    /// <exception cref="ApprovalKeyException">The service did not issue an approval key.</exception>
    /// <exception cref="ConnectionFailedException">The service cannot be reached, or not in time.</exception>
    public Task WaitForFirstConnectionsAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_connections.Values.Select(connection => connection.FirstConnection)).WaitAsync(cancellationToken);

    public FrameQueue CreateQueue(FeedSchema feed) =>
        new(_options.QueueCapacity, _options.MaxQueueBytes, _options.Overflow, TotalsOf(feed), _pendingWakeups);

    public FeedTotals TotalsOf(FeedSchema feed) => _feeds.GetOrAdd(feed.TrId, static _ => new FeedTotals());

    /// <summary>Attaches to a registration and creates it if necessary. Returns once the server holds it.</summary>
    public async Task<ISubscriptionSource> AttachAsync(
        FeedSchema feed, string key, IFrameReceiver receiver, int priority, CancellationToken cancellationToken)
    {
        using var activity = ClientActivities.StartSubscribe(_options, feed);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            var handle = Attach(feed, key, receiver, priority, activity);
            await WaitUntilConfirmedAsync(handle, cancellationToken).ConfigureAwait(false);
            ClientActivities.End(activity, "confirmed");
            return handle;
        }
        catch (OperationCanceledException)
        {
            ClientActivities.End(activity, "cancelled");
            throw;
        }
        catch (Exception e)
        {
            if (CodeOf(e) is { } code)
                activity?.SetTag(DiagnosticTags.BrokerCode, DiagnosticTags.Name(code));
            ClientActivities.End(activity, OutcomeOf(e), e);
            throw;
        }
    }

    public void Complete(IFrameReceiver receiver, Exception error)
    {
        lock (_gate)
            receiver.Complete(error);
    }

    private SubscriptionHandle Attach(FeedSchema feed, string key, IFrameReceiver receiver, int priority, Activity? activity)
    {
        lock (_gate)
        {
            ThrowIfDisposed();
            if (_group.TrySubscribe(feed, key, Now, priority) is not { } registration)
                throw CannotSubscribe(feed, key, priority);
            if (feed.HasScaledPrices && feed.PriceScales?.PlacesOf(key) is null)
                ClientLog.UnscaledPrices(_logger, feed.TrId, key);
            var handle = new SubscriptionHandle(this, registration, receiver, priority);
            _connections[registration.Session].WarnIfBudgetLow(Now);
            SubscriberList.Of(registration).Add(handle);
            activity?.SetTag(DiagnosticTags.Session, registration.Session.Settings.Name);
            if (registration.IsEvicted)
            {
                handle.Evict(_clock.EventAt());
            }
            else if (registration.IsConfirmed)
            {
                receiver.Confirm(registration.Session.Settings.Name, _clock.EventAt());
                handle.Confirmed.SetResult();
            }

            return handle;
        }
    }

    private async Task WaitUntilConfirmedAsync(SubscriptionHandle handle, CancellationToken cancellationToken)
    {
        try
        {
            await handle.Confirmed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Detach(handle);
            cancellationToken.ThrowIfCancellationRequested();
            throw new ObjectDisposedException(nameof(KisFeedClient), "the client was disposed while a subscription was being made");
        }
    }

    /// <summary>Detaches from a registration. Returns once it is released, if nobody else uses it.</summary>
    public async Task DetachAsync(SubscriptionHandle handle, CancellationToken cancellationToken)
    {
        if (Detach(handle))
            await handle.Released.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Assigns a key to a session; <see langword="null"/> lets the client choose again.</summary>
    /// <exception cref="ArgumentException">There is no such session.</exception>
    public void Assign(FeedSchema feed, string key, string? session)
    {
        lock (_gate)
        {
            var machine = session is null
                ? null
                : _group.Sessions.FirstOrDefault(s => s.Settings.Name == session)
                    ?? throw new ArgumentException($"there is no session {session}", nameof(session));
            _group.Assign(feed, key, machine);
        }
    }

    /// <summary>The registrations that the client wants and the server holds.</summary>
    public IReadOnlyList<RegistrationStatus> Registrations()
    {
        lock (_gate)
        {
            return
            [
                .. from session in _group.Sessions
                   from registration in session.Registrations
                   let state = registration.IsEvicted ? RegistrationState.Evicted : registration.State
                   select new RegistrationStatus(registration.Feed.TrId, registration.Key, state, registration.SubscriberCount)
                   {
                       Session = session.Settings.Name,
                       IsNotice = registration.Feed.IsNotice,
                   },
            ];
        }
    }

    public IReadOnlyList<SessionStatus> Sessions()
    {
        lock (_gate)
            return [.. _group.Sessions.Select(StatusOf)];
    }

    /// <summary>The status of each session now and after each change.</summary>
    public IAsyncEnumerable<SessionStatus> WatchAsync(CancellationToken cancellationToken) => _observers.ReadAsync(
        () =>
        {
            lock (_gate)
                return _observers.Add(() => _group.Sessions.Select(StatusOf));
        },
        cancellationToken);

    public ValueTask DisposeAsync()
    {
        lock (_gate)
            return new ValueTask(_disposing ??= Task.Run(DisposeOnceAsync));
    }

    private async Task DisposeOnceAsync()
    {
        lock (_gate)
        {
            foreach (var session in _group.Sessions)
                session.Stop();
            foreach (var tap in _taps)
                tap.Complete(null);
            _observers.End();
            _ended.TrySetResult();
        }

        await _pauseTimer.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(
            _connections.Values.Select(async connection => await connection.DisposeAsync().ConfigureAwait(false))).ConfigureAwait(false);
        _metrics.Dispose();
    }

    private bool Detach(SubscriptionHandle handle)
    {
        lock (_gate)
        {
            if (handle.IsDetached)
                return !handle.Released.Task.IsCompleted;
            handle.IsDetached = true;
            handle.Receiver.Complete(null);
            var registration = handle.Registration;
            if (registration.State == RegistrationState.Ended)
                return false;
            registration.Session.Unsubscribe(registration, Now, handle.Priority);
            if (registration.SubscriberCount == 0)
                return true;
            SubscriberList.Of(registration).Remove(handle);
            handle.Released.TrySetResult();
            return false;
        }
    }

    private void OnPauseTimer()
    {
        lock (_gate)
            CheckPause();
    }

    // Frames that waited in the socket meanwhile get the time at which they are read, so the interruption precedes them. Call it under the
    // lock, before such frames are handled.
    private void CheckPause()
    {
        if (_pauses.Check() is not { } duration)
            return;
        _pausedAt = _clock.EventAt(_options.TimeProvider.GetUtcNow() - duration);
        ClientLog.Paused(_logger, duration.TotalSeconds);
        foreach (var session in _group.Sessions)
            session.Paused();
        _pausedAt = null;
    }

    private SessionSettings SettingsOf(AppCredentials credentials) => new()
    {
        Name = credentials.Name!,
        HtsId = credentials.HtsId,
        CustomerType = _options.CustomerType,
        MaxRegistrations = _options.MaxRegistrations,
        ReplyTimeout = _options.ReplyTimeout,
        RequestInterval = _options.RequestInterval,
        WatchdogTimeout = _options.WatchdogTimeout,
        Reconnect = _options.Reconnect,
        NewRegistrationsPerMinute = _options.NewRegistrationsPerMinute,
        NewRegistrationsPerHour = _options.NewRegistrationsPerHour,
        JitterSeed = Random.Shared.Next(),
    };

    private SessionStatus StatusOf(SessionMachine session)
    {
        var now = Now;
        var clock = _options.TimeProvider.GetUtcNow();
        var isOpen = session.Phase == SessionPhase.Open;
        return new SessionStatus
        {
            Name = session.Settings.Name,
            Phase = session.Phase,
            Desired = session.DesiredCount,
            Evicted = session.Registrations.Count(r => r.IsEvicted),
            Confirmed = session.Registrations.Count(r => r.IsConfirmed && r.SubscriberCount > 0),
            Slots = session.Settings.MaxRegistrations,
            Connections = session.Connections,
            Failures = session.Failures,
            NextAttemptAt = session.NextAttemptAt is { } next ? clock + (next - now) : null,
            LastReceivedAt = isOpen ? clock + (session.LastInboundAt - now) : null,
            LastDataAt = isOpen && session.LastFrameAt is { } frameAt ? clock + (frameAt - now) : null,
            Problem = isOpen ? null : session.IsWaitingForPermit ? _connections[session].StandbyText : _connections[session].Problem,
            ProblemSummary = isOpen || session.IsWaitingForPermit ? null : _connections[session].Summary,
            ProblemSince = isOpen || session.IsWaitingForPermit || session.FailingSince is not { } since ? null : clock + (since - now),
            IsStandby = session.IsWaitingForPermit,
            HaltReason = session.HaltReason,
            Source = _connections[session].Source,
            NewRegistrationsLeft = session.NewRegistrationsLeft(now),
        };
    }

    /// <summary>The error for new registrations that are requested too often.</summary>
    internal static RegistrationLimitException TooManyNew(FeedSchema feed, KisFeedOptions options, TimeSpan retryAfter) =>
        new($"{feed.TrId} was not requested: the limit is {options.NewRegistrationsPerMinute} new registrations per minute and "
            + $"{options.NewRegistrationsPerHour} per hour, because the broker blocks app keys that register and release in a loop. "
            + $"Keep registrations instead of releasing them, and try again in {Math.Max(1, Math.Ceiling(retryAfter.TotalSeconds)):0} s")
        {
            RetryAfter = retryAfter,
        };

    private Exception CannotSubscribe(FeedSchema feed, string key, int priority)
    {
        var only = _group.SessionOf(feed, key);
        var halted = only is not null
            ? (only.Phase == SessionPhase.Halted ? only : null)
            : _group.Sessions.FirstOrDefault(s => s.Phase == SessionPhase.Halted);
        if (halted is not null && (only is not null || _group.Sessions.All(s => s.Phase == SessionPhase.Halted)))
        {
            var loss = _connections[halted].Halt!;
            return new ConnectionLostException($"{feed.TrId} cannot be subscribed to, because the session has ended: {loss.Message}", loss)
            {
                Code = loss.Code,
                Reason = loss.Reason,
            };
        }

        var now = Now;
        var candidates = only is not null
            ? [only]
            : _group.Sessions.Where(s => s.Phase != SessionPhase.Halted && SessionGroup.HasSlotFor(s, priority)).ToArray();
        if (candidates.Any(s => SessionGroup.HasSlotFor(s, priority)))
            return TooManyNew(feed, _options, candidates.Min(s => s.NewRegistrations.NextAt(now)) - now);
        var holder = only is not null || _group.Sessions.Count == 1 ? "the session holds" : "each session holds";
        return new RegistrationLimitException(
            $"{holder} {_options.MaxRegistrations} registrations, which is its limit: release one, or add another app key");
    }

    private static BrokerCode? CodeOf(Exception error) =>
        error is SubscribeRefusedException refusal ? refusal.Code : (error as ConnectionLostException)?.Code;

    private static string OutcomeOf(Exception error) => error switch
    {
        SubscribeRefusedException => "refused",
        SubscribeTimeoutException => "no_reply",
        RegistrationLimitException => "no_slot",
        ConnectionLostException => "session_over",
        ObjectDisposedException => "client_disposed",
        _ => "failed",
    };

    /// <summary>Opens a queue that receives frames and events from now on.</summary>
    public TapQueue OpenTap(FrameTapOptions options)
    {
        var tap = new TapQueue(options, _clock, _pendingWakeups);
        lock (_gate)
        {
            ThrowIfDisposed();
            foreach (var session in _group.Sessions)
            {
                if (session.Phase == SessionPhase.Open)
                    tap.Write(new SessionConnected { At = tap.Now, Session = session.Settings.Name });
            }

            _taps.Add(tap);
            EndTapsIfOver();
        }

        return tap;
    }

    /// <summary>Closes a tap. Returns once its registrations are released, except those that others use.</summary>
    public async Task CloseTapAsync(TapQueue tap, IReadOnlyCollection<ISubscriptionSource> attached)
    {
        List<Task> releases;
        lock (_gate)
        {
            releases = [.. attached.Cast<SubscriptionHandle>().Where(Detach).Select(h => h.Released.Task)];
            tap.Complete(null);
            _taps.Remove(tap);
        }

        await Task.WhenAll(releases).ConfigureAwait(false);
    }

    // By its name: the client uses this namespace, so this namespace does not use the client.
    private void ThrowIfDisposed()
    {
#pragma warning disable CA1513 // ThrowIf takes the type.
        if (_disposing is not null)
            throw new ObjectDisposedException($"{nameof(KisFeed)}.{nameof(KisFeedClient)}");
#pragma warning restore CA1513
    }

    private void NotifyTaps(FeedEvent feedEvent)
    {
        foreach (var tap in _taps)
            tap.Write(feedEvent);
    }

    // Only after each registration has reported how it ended.
    private void EndTapsIfOver()
    {
        if (_taps.Count == 0 || !_ended.Task.IsFaulted || _group.Sessions.Any(s => s.Registrations.Count > 0))
            return;
        foreach (var tap in _taps)
            tap.Complete(_ended.Task.Exception!.InnerException);
    }

    // Carries out the actions of the sessions. All of it runs under the lock.

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

    void IFrameActions.Deliver(
        ReadOnlySpan<Registration> registrations, in DataFrame frame, in FrameShape shape, DateTimeOffset receivedAt) =>
        FrameDelivery.Deliver(registrations, _taps, frame, shape, receivedAt);

    void IFrameActions.DeliverMalformed(
        ReadOnlySpan<Registration> registrations, in FrameError error, ReadOnlySpan<byte> raw, DateTimeOffset receivedAt)
    {
        FrameDelivery.DeliverMalformed(registrations, _taps, error, raw, receivedAt);
        if (long.IsPow2(++_malformedCount))
            ClientLog.Malformed(_logger, registrations[0].Feed.TrId, error.ToString(), _malformedCount);
    }

    void ISessionActions.Confirmed(Registration registration)
    {
        SubscriberList.Of(registration).Confirm(registration.Session.Settings.Name, _clock.EventAt());
        _connections[registration.Session].HasWorked = true;
        ClientLog.Registered(_logger, registration.Feed.TrId);
        NotifyObservers(registration.Session);
    }

    void IFrameActions.Interrupted(Registration registration, GapReason reason) =>
        SubscriberList.Of(registration).Interrupt(reason, _pausedAt ?? _clock.EventAt());

    void ISessionActions.Evicted(Registration registration)
    {
        SubscriberList.Of(registration).Evict(_clock.EventAt());
        ClientLog.Evicted(_logger, registration.Feed.TrId);
        NotifyObservers(registration.Session);
    }

    void ISessionActions.ServerEventReceived(SessionMachine session, Registration? registration, ServerEvent serverEvent)
    {
        switch (serverEvent.Kind)
        {
            case ServerEventKind.Interruption when registration is not null:
                SubscriberList.Of(registration).Interrupt(ReasonOf(serverEvent), _clock.EventAt(), isUpstream: true);
                break;
            case ServerEventKind.Gap when registration is not null:
                SubscriberList.Of(registration).AddUpstreamGap(new Gap
                {
                    Reason = ReasonOf(serverEvent),
                    From = serverEvent.From,
                    To = serverEvent.To,
                    Frames = serverEvent.Frames,
                    IsUpstream = true,
                });
                break;
            case ServerEventKind.Source:
                _connections[session].Source = JsonName.ValueOf<DataSource>(serverEvent.Source);
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
        var error = reason == RefusalReason.SessionHalted
            ? (Exception)connection.Halt!
            : connection.CreateRefusal(registration, reason, reply);
        SubscriberList.End(registration, error);
        EndTapsIfOver();
        connection.Counts.Refused(new RefusalCause(
            registration.Feed.TrId, reason, reason == RefusalReason.Server && reply is not null ? DiagnosticTags.Name(reply.Code) : null));
        ClientLog.Refused(
            _logger,
            registration.Feed.TrId,
            connection.Redact(reply?.Code.Value ?? reason.ToString(), registration),
            connection.Redact(reply?.Text ?? "", registration));
    }

    void ISessionActions.Released(Registration registration)
    {
        SubscriberList.End(registration, null);
        ClientLog.Released(_logger, registration.Feed.TrId);
    }

    void IFrameActions.UnknownWidth(FeedSchema feed, in FrameShape shape) =>
        ClientLog.UnknownWidth(_logger, feed.TrId, shape.Width, shape.Layout.Width);

    void ISessionActions.UnexpectedReply(SessionMachine session, BrokerReply reply)
    {
        if (long.IsPow2(++_unexpected))
        {
            ClientLog.UnexpectedReply(
                _logger, _connections[session].Redact(reply.Code.Value), _connections[session].Redact(reply.Text), _unexpected);
        }
    }

    void ISessionActions.Lost(SessionMachine session, LossReason reason, BrokerReply? reply)
    {
        _connections[session].OnLost(reason, reply);
        _connections[session].Counts.Lost(reason);
        if (reply is not null)
            _connections[session].Counts.Refused(new RefusalCause(null, RefusalReason.Server, DiagnosticTags.Name(reply.Code)));
        if (_taps.Count > 0)
        {
            NotifyTaps(
                new SessionLost { At = _clock.EventAt(), Session = session.Settings.Name, Problem = _connections[session].Problem! });
        }
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
        _observers.End();
    }

    void ISessionActions.Ended(SessionMachine session) => NotifyObservers(session);

    // A reason that only a later version of the server knows counts as a lost connection.
    private static GapReason ReasonOf(ServerEvent serverEvent) =>
        JsonName.ValueOf<GapReason>(serverEvent.Reason) ?? GapReason.ConnectionLost;

    private void NotifyObservers(SessionMachine session)
    {
        if (!_observers.IsEmpty)
            _observers.Publish(StatusOf(session));
    }
}

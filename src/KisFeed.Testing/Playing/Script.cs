using KisFeed.Client;
using KisFeed.Session;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Testing.Playing;

/// <summary>
/// The steps of an in-memory client, and its consumers, which receive them as those of a session. Everything happens under one lock, and
/// no code under it waits.
/// </summary>
internal sealed class Script : ITapSource, ISubscriptionOwner, IFrameActions, IDisposable
{
    private const string SessionName = "1";

    private readonly Lock _gate = new();
    private readonly KisFeedOptions _options;
    private readonly StepTime _time = new(new DateTimeOffset(2026, 1, 2, 9, 0, 0, KoreaTime.Offset));
    private readonly ReceiveClock _clock;
    private readonly RegistrationTable _table;
    private readonly FrameRouter _router;
    private readonly FrameNeeds _needs;
    private readonly Queue<ScriptStep> _steps = [];
    private readonly List<TapQueue> _taps = [];
    private readonly HashSet<Registration> _evicted = [];
    private readonly List<ItemQueue> _queues = [];
    private readonly PendingWakeups _wakeups = new();
    private readonly Dictionary<string, FeedTotals> _totals = new(StringComparer.Ordinal);
    private readonly Dictionary<(string TrId, string Key), SubscribeRefusedException> _refusals = [];
    private readonly StatusObservers<SessionStatus> _observers = new();
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _read;
    private DateTimeOffset _nextTime;
    private DateTimeOffset? _lastReceivedAt;
    private ConnectionLostException? _error;
    private long _connections = 1;
    private long _skipped;
    private bool _isConnected = true;
    private bool _hasEnd;
    private bool _isComplete;
    private bool _isDisposed;

    public Script(KisFeedOptions options, FeedCatalog catalog)
    {
        _options = options;
        _nextTime = _time.Now;
        _clock = new ReceiveClock(_time);
        _table = new RegistrationTable(session: null, options.MaxRegistrations);
        _router = new FrameRouter(catalog, _table, this);
        _needs = new FrameNeeds(catalog);
    }

    /// <summary>Completes when no more data follow.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Completes when there is, or was, a subscription.</summary>
    public Task Subscribed => _subscribed.Task;

    /// <summary>The time of the steps that are added next.</summary>
    public DateTimeOffset Time
    {
        get
        {
            lock (_gate)
                return _nextTime;
        }
        set
        {
            lock (_gate)
                _nextTime = value;
        }
    }

    /// <summary>The number of steps that wait for a subscription.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _steps.Count;
        }
    }

    public long Skipped
    {
        get
        {
            lock (_gate)
                return _skipped + _router.Unrouted;
        }
    }

    /// <summary>The number of frames that every queue has room for when it is empty.</summary>
    public int LeastCapacity { get; private set; } = int.MaxValue;

    public FeedTotals TotalsOf(FeedSchema feed)
    {
        lock (_gate)
        {
            if (!_totals.TryGetValue(feed.TrId, out var totals))
                _totals.Add(feed.TrId, totals = new FeedTotals());
            return totals;
        }
    }

    public FrameQueue CreateQueue(FeedSchema feed) => Watch(
        new FrameQueue(_options.QueueCapacity, _options.MaxQueueBytes, _options.Overflow, TotalsOf(feed), _wakeups),
        _options.QueueCapacity);

    /// <summary>Opens a queue that receives frames and events from now on.</summary>
    public TapQueue OpenTap(FrameTapOptions options)
    {
        lock (_gate)
        {
            ThrowIfDisposed();
            var tap = Watch(new TapQueue(options, _clock, _wakeups), options.Capacity);
            if (_isConnected)
                tap.Write(new SessionConnected { At = tap.Now, Session = SessionName });
            _taps.Add(tap);
            _queues.Add(tap);
            if (_error is not null || _isComplete)
                tap.Complete(_error);
            return tap;
        }
    }

    public Task CloseTapAsync(TapQueue tap, IReadOnlyCollection<ISubscriptionSource> attached)
    {
        lock (_gate)
        {
            foreach (var handle in attached.Cast<SubscriptionHandle>())
                Detach(handle);
            tap.Complete(null);
            _taps.Remove(tap);
            _queues.Remove(tap);
            CheckRead();
        }

        return Task.CompletedTask;
    }

    public Task<ISubscriptionSource> AttachAsync(
        FeedSchema feed, string key, IFrameReceiver receiver, int priority, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return Task.FromResult<ISubscriptionSource>(Attach(feed, key, receiver, priority));
    }

    public void Complete(IFrameReceiver receiver, Exception error)
    {
        lock (_gate)
            receiver.Complete(error);
    }

    public Task DetachAsync(SubscriptionHandle handle, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Detach(handle);
            if (handle.Receiver is FrameQueue queue)
                _queues.Remove(queue);
            CheckRead();
        }

        return Task.CompletedTask;
    }

    /// <summary>Adds a frame, which waits until there is, or was, a subscription to each of its keys.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="statedDay">The trading day that the source states for it.</param>
    public void AddFrame(byte[] frame, DateOnly? statedDay) =>
        Add(new ScriptStep(() => Route(frame, statedDay)) { Needs = _needs.Of(frame) });

    /// <summary>Adds a recorded frame at its time, or skips it if nobody has ever subscribed to any of its keys.</summary>
    public void AddRecordedFrame(Frame frame)
    {
        var needs = _needs.Of(frame.Bytes.Span);
        lock (_gate)
        {
            if (!needs.Any(_needs.IsMet))
            {
                _skipped += DataFrame.TryParse(frame.Bytes.Span, out var parsed, out _) ? parsed.Count : 1;
                return;
            }

            _nextTime = frame.ReceivedAt;
            var bytes = frame.Bytes.ToArray();
            Add(new ScriptStep(() => Route(bytes, frame.StatedDay)));
        }
    }

    /// <summary>Adds a step that needs no subscription.</summary>
    public void Add(Action run) => Add(new ScriptStep(run));

    /// <summary>Adds the last step.</summary>
    public void AddEnd(Action run)
    {
        lock (_gate)
        {
            if (_hasEnd)
                return;
            Add(new ScriptStep(run));
            _hasEnd = true;
        }
    }

    /// <summary>Whether a record of a frame has no key.</summary>
    public bool HasEmptyKey(ReadOnlySpan<byte> frame) => _needs.Of(frame).Any(need => need.Key is "");

    /// <summary>Interrupts the data of all keys. A step.</summary>
    public void Interrupt(GapReason reason)
    {
        if (!_isConnected)
            return;
        var isLost = reason is GapReason.ConnectionLost or GapReason.Silence or GapReason.StoodDown;
        foreach (var registration in _table.All)
        {
            if (isLost)
                registration.Reset();
            Interrupt(registration, reason);
        }

        if (!isLost)
            return;
        _isConnected = false;
        foreach (var tap in _taps)
            tap.Write(new SessionLost { At = _clock.EventAt(), Session = SessionName, Problem = "the test interrupted the session" });
        NotifyObservers();
    }

    /// <summary>
    /// Interrupts the data of some keys, because those who recorded them missed some. What a recording has before the first record of a
    /// key is no loss, unless it says so itself. A step.
    /// </summary>
    /// <param name="trId">The TR ID; <see langword="null"/> for all.</param>
    /// <param name="key">The key; <see langword="null"/> for all.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="isReported">Whether the recording says itself what is missing.</param>
    public void Interrupt(string? trId, string? key, GapReason reason, bool isReported = false)
    {
        foreach (var registration in RegistrationsOf(trId, key).Where(registration => isReported || registration.LastFrame > 0))
            Interrupt(registration, reason, isReported);
    }

    /// <summary>Takes the slot of a key, until its next record. A step.</summary>
    public void Evict(string trId, string key)
    {
        foreach (var registration in RegistrationsOf(trId, key))
        {
            if (_evicted.Add(registration))
                SubscriberList.Of(registration).Evict(_clock.EventAt());
        }
    }

    /// <summary>A gap that the recording has. A step.</summary>
    public void AddGap(string? trId, string? key, Gap gap)
    {
        foreach (var registration in RegistrationsOf(trId, key))
            SubscriberList.Of(registration).AddUpstreamGap(gap);
    }

    /// <summary>Ends everything with an error. A step.</summary>
    public void Fail(ConnectionLostException error)
    {
        _error = error;
        _isConnected = false;
        EndStreams(error);
        _ended.TrySetException(error);
        _ = _ended.Task.Exception;
    }

    /// <summary>Ends everything. A step.</summary>
    public void Complete()
    {
        _isComplete = true;
        EndStreams(null);
        _ended.TrySetResult();
    }

    public void Refuse(FeedSchema feed, string key, BrokerCode code, string text)
    {
        lock (_gate)
        {
            var error = SubscribeRefusedException.By(feed, code, text);
            _refusals[(feed.TrId, key)] = error;
            _needs.Meet(feed.TrId, key);
            if (_table.Find(feed.TrId, key) is { } registration)
            {
                _table.Remove(registration);
                SubscriberList.End(registration, error);
                NotifyObservers();
            }

            Run();
        }
    }

    /// <summary>Returns once no step waits and every consumer has read everything.</summary>
    /// <exception cref="TimeoutException">That took too long.</exception>
    public async Task WaitUntilReadAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        Task read;
        lock (_gate)
        {
            read = (_read ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            CheckRead();
        }

        try
        {
            await read.WaitAsync(limit, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"not everything was read within {DurationText.Format(limit)}: {Unread()}", e);
        }
    }

    public IReadOnlyList<RegistrationStatus> Registrations()
    {
        lock (_gate)
        {
            return
            [
                .. _table.All.Select(registration =>
                    new RegistrationStatus(
                        registration.Feed.TrId,
                        registration.Key,
                        _evicted.Contains(registration) ? RegistrationState.Evicted : registration.State,
                        registration.SubscriberCount)
                    {
                        Session = SessionName,
                        IsNotice = registration.Feed.IsNotice,
                    }),
            ];
        }
    }

    public SessionStatus Status()
    {
        lock (_gate)
            return StatusOf();
    }

    public IAsyncEnumerable<SessionStatus> WatchAsync(CancellationToken cancellationToken) => _observers.ReadAsync(
        () =>
        {
            lock (_gate)
                return _observers.Add(() => [StatusOf()]);
        },
        cancellationToken);

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _steps.Clear();
            _hasEnd = true;
            if (!_isComplete && _error is null)
                Complete();
            CheckRead();
        }
    }

    void IFrameActions.Deliver(
        ReadOnlySpan<Registration> registrations, in DataFrame frame, in FrameShape shape, DateTimeOffset receivedAt)
    {
        foreach (var registration in registrations)
        {
            if (_evicted.Remove(registration))
                SubscriberList.Of(registration).Confirm(SessionName, _clock.EventAt());
        }

        FrameDelivery.Deliver(registrations, _taps, frame, shape, receivedAt);
    }

    void IFrameActions.DeliverMalformed(
        ReadOnlySpan<Registration> registrations, in FrameError error, ReadOnlySpan<byte> raw, DateTimeOffset receivedAt) =>
        FrameDelivery.DeliverMalformed(registrations, _taps, error, raw, receivedAt);

    void IFrameActions.Interrupted(Registration registration, GapReason reason) =>
        SubscriberList.Of(registration).Interrupt(reason, _clock.EventAt());

    void IFrameActions.UnknownWidth(FeedSchema feed, in FrameShape shape)
    {
        // A record of unknown width is one of a test's own.
    }

    private SubscriptionHandle Attach(FeedSchema feed, string key, IFrameReceiver receiver, int priority)
    {
        ThrowIfDisposed();
        if (_error is { } error)
        {
            throw new ConnectionLostException(
                $"{feed.TrId} cannot be subscribed to, because the session has ended: {error.Message}", error)
            {
                Reason = error.Reason,
            };
        }

        if (_refusals.TryGetValue((feed.TrId, key), out var refusal))
        {
            receiver.Complete(refusal);
            throw refusal;
        }

        if (_table.Find(feed.TrId, key) is not { } registration)
        {
            if (_table.DesiredCount >= _table.Limit)
            {
                throw new RegistrationLimitException(
                    $"the session holds {_table.Limit} registrations, which is its limit: release one, or add another app key");
            }

            registration = _table.Add(feed, key);
        }

        Connect();
        registration.Attach(priority, TimeSpan.Zero);
        registration.State = RegistrationState.Registered;
        registration.WasConfirmed = true;
        var handle = new SubscriptionHandle(this, registration, receiver, priority);
        SubscriberList.Of(registration).Add(handle);
        if (receiver is FrameQueue queue)
            _queues.Add(queue);
        if (_evicted.Contains(registration))
        {
            handle.Evict(_clock.EventAt());
        }
        else
        {
            handle.Confirmed.SetResult();
            receiver.Confirm(SessionName, _clock.EventAt());
        }

        _needs.Meet(feed.TrId, key);
        _subscribed.TrySetResult();
        if (_isComplete)
            End(registration, null);
        NotifyObservers();
        Run();
        return handle;
    }

    private void Detach(SubscriptionHandle handle)
    {
        if (handle.IsDetached)
            return;
        handle.IsDetached = true;
        handle.Receiver.Complete(null);
        var registration = handle.Registration;
        SubscriberList.Of(registration).Remove(handle);
        registration.Detach(handle.Priority);
        if (registration.SubscriberCount == 0)
        {
            _table.Remove(registration);
            _evicted.Remove(registration);
        }

        handle.Released.TrySetResult();
        NotifyObservers();
    }

    private void Add(ScriptStep step)
    {
        lock (_gate)
        {
            ThrowIfDisposed();
            if (_hasEnd)
                throw new InvalidOperationException("the script has ended, by Complete or Fail: add this step before");
            _steps.Enqueue(step with { At = _nextTime });
            Run();
        }
    }

    private void Run()
    {
        while (_steps.TryPeek(out var step) && step.Needs.All(_needs.IsMet))
        {
            _steps.Dequeue();
            _time.Now = step.At;
            step.Run();
        }

        _wakeups.Flush();
        CheckRead();
    }

    private void Route(byte[] frame, DateOnly? statedDay)
    {
        Connect();
        _router.StatedDay = statedDay;
        _lastReceivedAt = _clock.Stamp(_clock.ReadAt);
        if (frame is not [(byte)'{', ..])
            _router.Route(frame, _lastReceivedAt.Value);
        else if (ControlMessage.TryParse(frame, out var error) is null)
            _router.ReportMalformedToAll(error, frame, _lastReceivedAt.Value);
    }

    private void Connect()
    {
        if (_isConnected)
            return;
        _isConnected = true;
        _connections++;
        foreach (var tap in _taps)
            tap.Write(new SessionConnected { At = _clock.EventAt(), Session = SessionName });
        foreach (var registration in _table.All)
        {
            registration.State = RegistrationState.Registered;
            registration.IsInterrupted = false;
            SubscriberList.Of(registration).Confirm(SessionName, _clock.EventAt());
        }

        NotifyObservers();
    }

    private void Interrupt(Registration registration, GapReason reason, bool isReported = false)
    {
        if (registration.IsInterrupted)
            return;
        registration.IsInterrupted = true;
        SubscriberList.Of(registration).Interrupt(reason, _clock.EventAt(), isReported);
    }

    private IEnumerable<Registration> RegistrationsOf(string? trId, string? key) => _table.All.Where(
        registration => (trId is null || registration.Feed.TrId == trId) && (key is null || registration.Key == key));

    private void EndStreams(Exception? error)
    {
        foreach (var registration in _table.All.ToArray())
            End(registration, error);
        foreach (var tap in _taps)
            tap.Complete(error);
        NotifyObservers();
        _observers.End();
    }

    private void End(Registration registration, Exception? error)
    {
        _table.Remove(registration);
        SubscriberList.End(registration, error);
    }

    private TQueue Watch<TQueue>(TQueue queue, int capacity)
        where TQueue : ItemQueue
    {
        queue.ReaderWaits = () =>
        {
            lock (_gate)
            {
                queue.MarkRead();
                CheckRead();
            }
        };
        LeastCapacity = Math.Min(LeastCapacity, capacity);
        return queue;
    }

    private void CheckRead()
    {
        if (_read is null || _steps.Count > 0 || !_queues.TrueForAll(static queue => queue.IsRead))
            return;
        _read.SetResult();
        _read = null;
    }

    private string Unread()
    {
        lock (_gate)
        {
            List<string> problems = [];
            if (_steps.TryPeek(out var step))
            {
                problems.Add($"{step.Needs.First(need => !_needs.IsMet(need)).Text} was published, but nobody has subscribed to it "
                    + $"(subscriptions: {(_table.All.Count == 0 ? "none" : string.Join(", ", _table.All))})");
            }

            if (_queues.Count(static queue => !queue.IsRead) is > 0 and var unread)
            {
                problems.Add($"{unread} of {_queues.Count} consumers have not read everything, or still process it "
                    + $"({_queues.Sum(static queue => queue.Depth)} frames wait): read or dispose each subscription");
            }

            return string.Join("; ", problems);
        }
    }

    private SessionStatus StatusOf() => new()
    {
        Name = SessionName,
        Phase = _error is not null ? SessionPhase.Halted
            : _isComplete ? SessionPhase.Ended
            : _isConnected ? SessionPhase.Open
            : SessionPhase.Waiting,
        Desired = _table.DesiredCount,
        Confirmed = _table.All.Count(static registration => registration.IsConfirmed),
        Slots = _table.Limit,
        Connections = _connections,
        Failures = _isConnected ? 0 : 1,
        LastReceivedAt = _isConnected ? _lastReceivedAt : null,
        LastDataAt = _isConnected ? _lastReceivedAt : null,
        Problem = _error?.Message ?? (_isConnected ? null : "the test interrupted the session"),
        HaltReason = _error?.Reason,
    };

    private void NotifyObservers()
    {
        if (!_observers.IsEmpty)
            _observers.Publish(StatusOf());
    }

    private void ThrowIfDisposed()
    {
#pragma warning disable CA1513 // By its name: the client uses this namespace, so this namespace does not use the client.
        if (_isDisposed)
            throw new ObjectDisposedException("KisFeed.Testing.InMemoryKisFeedClient");
#pragma warning restore CA1513
    }

    private sealed class StepTime(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}

/// <summary>A step of a script.</summary>
/// <param name="Run">Runs the step.</param>
internal sealed record ScriptStep(Action Run)
{
    /// <summary>When it happens.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The subscriptions that it waits for.</summary>
    public IReadOnlyList<FrameNeed> Needs { get; init; } = [];
}

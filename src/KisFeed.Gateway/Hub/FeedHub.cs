using KisFeed.Capture;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Hub;

/// <summary>
/// Shares one upstream among many consumers: registers each key once, and forwards frames and events without
/// waiting for any consumer. Thread-safe.
/// </summary>
/// <remarks>The lock <c>_gate</c> guards the registrations. Nothing blocks while holding it.</remarks>
internal sealed class FeedHub : IUpstreamActions, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<HubKey, CancellationTokenSource> _adding = [];
    private readonly Dictionary<HubKey, ITimer> _graces = [];
    private readonly ITimer _timer;
    private readonly IFrameSource _frames;
    private readonly FrameTap _tap;
    private readonly UpstreamKeys _keys;
    private readonly UpstreamHealth _health;
    private readonly GatewayOptions _options;
    private readonly IHubSink _sink;
    private readonly ILogger _logger;
    private readonly UpstreamRegistrations _registrations;
    private readonly Task _reading;
    private readonly Task _watching;
    private BrokerCode? _endCode;
    private bool _isDown;

    // A registration timed out, and upstream has not replied since. A consumer that registers many keys at
    // once must not wait for each of them.
    private bool _isUnresponsive;
    // A source that runs the reader on its own thread needs that thread for the next batch.
    private const int MaxItemsHere = 1000;

    private readonly HashSet<HubKey> _confirmed = []; // According to the events read so far, i.e. when the next frame was received.
    private readonly WithheldNotices _withheld = new();
    private readonly HashSet<string> _withheldFeeds = new(StringComparer.Ordinal);
    private long _noticesWithheld;

    public FeedHub(
        IFrameSource frames,
        GatewayOptions options,
        IHubSink sink,
        ILogger logger,
        CaptureRecorder? recorder = null,
        IFramePublisher? publisher = null)
    {
        _frames = frames;
        _options = options;
        _sink = sink;
        _logger = logger;
        _health = new UpstreamHealth(frames);
        _registrations = new UpstreamRegistrations(UpstreamRegistrationOptions.Of(options), this);
        _timer = options.TimeProvider.CreateTimer(
            static hub => ((FeedHub)hub!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _tap = frames.OpenTap(new FrameTapOptions { MayRunReader = true });
        _keys = new UpstreamKeys(_tap, recorder, publisher, options.Recording is { Notices: true }, logger);
        if (options.KnownSource is { } known)
            sink.OnSource(known);
        _reading = Task.Run(ReadAsync);
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>
    /// Completes when nothing more comes from upstream; with a <see cref="ConnectionLostException"/> if upstream failed permanently.
    /// </summary>
    public Task Completion => _completion.Task;

    public long Received => _tap.Received;

    public long Dropped => _tap.Dropped;

    public long Malformed => _tap.Malformed;

    public IReadOnlyList<GatewayRegistration> Registrations
    {
        get
        {
            lock (_gate)
            {
                var confirmed = _frames.Registrations.Where(r => r.IsConfirmed).Select(r => new HubKey(r.TrId, r.Key)).ToHashSet();
                return [.. _registrations.Entries.Select(
                    entry => StatusOf(entry, isRegistered: entry.Phase == KeyPhase.Held && confirmed.Contains(entry.Key)))];
            }
        }
    }

    private GatewayRegistration StatusOf(KeyEntry entry, bool isRegistered) => new(
        entry.Key.TrId,
        IsNotice(entry.Key.TrId) ? null : entry.Key.Key,
        entry.Claims.Count(claim => claim.Consumer is not null),
        isRegistered,
        entry.Claims.Any(claim => claim is { Consumer: null, EndsWithoutGrace: false }))
    {
        IsPlaced = entry.Claims.Any(claim => claim.EndsWithoutGrace),
    };

    /// <summary>Upstream slots held by consumers with a name.</summary>
    public int SlotsOf(string name)
    {
        lock (_gate)
            return _registrations.Entries.Count(entry => entry.HasSlot && entry.Holder?.Name == name);
    }

    /// <summary>Adds a connection of a consumer, until <see cref="Leave"/>.</summary>
    public void Join(HubConsumer consumer)
    {
        lock (_gate)
        {
            if (_endCode is null)
                _registrations.Join(consumer, Now);
        }
    }

    public void Leave(HubConsumer consumer)
    {
        lock (_gate)
        {
            if (_endCode is null)
                _registrations.Leave(consumer, Now);
        }
    }

    /// <summary>Whether a key is registered upstream on an open connection.</summary>
    public bool IsRegistered(HubKey key)
    {
        lock (_gate)
            return _registrations.IsHeld(key) && _frames.Registrations.Any(r => r.IsConfirmed && r.TrId == key.TrId && r.Key == key.Key);
    }

    /// <summary>Whether a key without claims is still registered upstream.</summary>
    public bool IsReleasing(HubKey key)
    {
        lock (_gate)
            return _endCode is null && _registrations.IsReleasing(key);
    }

    public bool IsNotice(string trId) => _frames.Catalog.TryFind(trId, out var feed) && feed.IsNotice;

    public bool HasNotices => _frames.HasNotices;

    /// <summary>
    /// Registers a key for a consumer, or shares an existing registration. Completes when upstream has replied, when it is unreachable, or
    /// when it timed out on this key or an earlier one. In the latter cases the claim is granted, and ended if upstream refuses later.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="consumer">The consumer; <see langword="null"/> for the gateway itself.</param>
    /// <param name="onEnded">Called once if upstream ends the registration after it was granted. Must return
    /// quickly and not call the hub.</param>
    /// <returns>The claim. The caller must release it unless it has a <see cref="Claim.Refusal"/>.</returns>
    public async Task<Claim> AcquireAsync(FeedSchema feed, string key, HubConsumer? consumer, Action<BrokerCode> onEnded)
    {
        var claim = new Claim(new HubKey(feed.TrId, key), consumer, onEnded);
        await AcquireAsync(feed, claim).ConfigureAwait(false);
        return claim;
    }

    public async Task AcquireAsync(FeedSchema feed, Claim claim)
    {
        lock (_gate)
        {
            if (_endCode is { } code)
                claim.End(code);
            else if (!_options.Upstream.Has(_frames.Catalog, feed) || (feed.IsNotice && !HasNotices))
                claim.End(BrokerCode.InvalidTrId);
            else
                Acquire(claim);
        }

        try
        {
            await claim.Answered.WaitAsync(_options.RegisterTimeout, _options.TimeProvider, _stopping.Token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            lock (_gate)
            {
                _isUnresponsive |= _registrations.IsAdding(claim.Key);
                UpstreamRegistrations.GrantIfWaiting(claim);
            }
        }
        catch (OperationCanceledException)
        {
            claim.End(BrokerCode.InternalError);
        }
    }

    /// <summary>Ends a claim. Does nothing if it has ended already.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="closesPage">Whether it ends because a page was closed, which may be opened again.</param>
    public void Release(Claim claim, bool closesPage = false)
    {
        lock (_gate)
        {
            if (_endCode is null)
                _registrations.Release(claim, Now, closesPage);
        }
    }

    /// <summary>Gives up a key without claims whose session has lost its connection. Does nothing if it has claims.</summary>
    public void Drop(HubKey key)
    {
        lock (_gate)
        {
            if (_endCode is null)
                _registrations.Drop(key);
        }
    }

    /// <summary>
    /// Stops reading from upstream, whose source must be disposed next. Claims end without notification and can still be released.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
            _endCode ??= BrokerCode.InternalError;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        // Not awaited: upstream may not reply to a release, and the connection ends with the source anyway.
        _ = _tap.DisposeAsync().AsTask();
        lock (_gate)
        {
            _timer.Dispose();
            foreach (var timer in _graces.Values)
                timer.Dispose();
            _graces.Clear();
        }

        _completion.TrySetResult();
    }

    void IUpstreamActions.Add(HubKey key)
    {
        var cancellation = new CancellationTokenSource();
        _adding.Add(key, cancellation);
        _ = Task.Run(() => AddAsync(key, cancellation));
    }

    void IUpstreamActions.CancelAdd(HubKey key)
    {
        var cancellation = _adding[key];
        _ = Task.Run(cancellation.CancelAsync);
    }

    void IUpstreamActions.Remove(HubKey key) => _ = Task.Run(() => RemoveAsync(key));

    void IUpstreamActions.BeginGrace(HubKey key, long period, TimeSpan duration) =>
        _graces.Add(key, _options.TimeProvider.CreateTimer(_ => EndGrace(key, period), null, duration, Timeout.InfiniteTimeSpan));

    void IUpstreamActions.SetTimer(TimeSpan delay) =>
        _timer.Change(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, Timeout.InfiniteTimeSpan);

    void IUpstreamActions.FewRegistrationsLeft(HubConsumer consumer, int left) =>
        GatewayLog.FewRegistrationsLeft(
            _logger, consumer.Name, left, consumer.NewRegistrations.PerMinute, consumer.NewRegistrations.PerHour);

    void IUpstreamActions.EndGrace(HubKey key)
    {
        if (_graces.Remove(key, out var timer))
            timer.Dispose();
    }

    private TimeSpan Now => _options.TimeProvider.GetElapsedTime(0);

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_endCode is null)
                _registrations.OnTimer(Now);
        }
    }

    private void Acquire(Claim claim)
    {
        UpdateHealth();
        _registrations.Acquire(claim, Now);
        if (_isUnresponsive)
            UpstreamRegistrations.GrantIfWaiting(claim);
    }

    private void EndGrace(HubKey key, long period)
    {
        lock (_gate)
        {
            if (_endCode is null)
                _registrations.OnGraceEnded(key, period, Now);
        }
    }

    private async Task AddAsync(HubKey key, CancellationTokenSource cancellation)
    {
        Action<UpstreamRegistrations> end;
        var isOver = false;
        try
        {
            // At the end the sources are disposed, which must not look like a failure of the key.
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation.Token, _stopping.Token);
            await _keys.AddAsync(FeedOf(key), key.Key, either.Token).ConfigureAwait(false);
            GatewayLog.RegisteredUpstream(_logger, key.TrId, PublicKeyOf(key));
            end = registrations => registrations.OnAdded(key, Now);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested || _stopping.IsCancellationRequested)
        {
            end = registrations => registrations.OnCancelled(key, Now);
        }
        catch (Exception e)
        {
            var code = UpstreamRefusal.CodeOf(e);
            isOver = e is ConnectionLostException && _health.HasEnded;
            if (!_stopping.IsCancellationRequested && !isOver)
                GatewayLog.Refused(_logger, key.TrId, PublicKeyOf(key), code, e.Message);
            end = registrations => registrations.OnRefused(key, code, Now);
        }

        lock (_gate)
        {
            _adding.Remove(key);
            _isUnresponsive = false;
            if (_endCode is null && !isOver)
                end(_registrations);
        }
    }

    private async Task RemoveAsync(HubKey key)
    {
        try
        {
            await _keys.RemoveAsync(FeedOf(key), key.Key).ConfigureAwait(false);
            GatewayLog.ReleasedUpstream(_logger, key.TrId, PublicKeyOf(key));
        }
        catch (Exception e) when (e is KisFeedException or ObjectDisposedException or OperationCanceledException)
        {
            // The session has ended, and its registrations with it.
        }

        lock (_gate)
        {
            if (_endCode is null)
                _registrations.OnRemoved(key, Now);
        }
    }

    private async Task WatchAsync()
    {
        try
        {
            await foreach (var status in _frames.WatchSessionsAsync(_stopping.Token).ConfigureAwait(false))
            {
                if (_options.KnownSource is null && status.Source is { } source)
                    _sink.OnSource(source);
                lock (_gate)
                {
                    if (_endCode is null)
                        UpdateHealth();
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The hub is stopping.
        }
    }

    private void UpdateHealth()
    {
        var isDown = _health.IsDown;
        if (isDown == _isDown)
            return;
        _isDown = isDown;
        if (isDown && !_health.HasEnded)
            GatewayLog.UpstreamUnreachable(_logger);
        else if (!isDown)
            GatewayLog.UpstreamReachable(_logger);
        _registrations.SetDown(isDown);
    }

    private FeedSchema FeedOf(HubKey key) =>
        _frames.Catalog.TryFind(key.TrId, out var feed) ? feed : throw new FeedNotAvailableException($"{key.TrId} is not in the catalog");

    private string PublicKeyOf(HubKey key) => IsNotice(key.TrId) ? "(HTS ID)" : key.Key;

    // Reads frames and events from upstream and dispatches them in order.

    /// <summary>Order notices that were not delivered, because they could not be read or their owner was unknown.</summary>
    public long NoticesWithheld => Volatile.Read(ref _noticesWithheld);

    private async Task ReadAsync()
    {
        try
        {
            while (await _tap.WaitToReadAsync(_stopping.Token).ConfigureAwait(false))
            {
                for (var left = MaxItemsHere; _tap.TryRead(out var item); left--)
                {
                    Dispatch(item);
                    if (left > 1)
                        continue;
                    _sink.OnIdle();
                    await Task.Yield();
                    left = MaxItemsHere;
                }

                _sink.OnIdle();
            }

            _completion.TrySetResult();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The hub is stopping.
        }
        catch (ConnectionLostException e)
        {
            GatewayLog.Over(_logger, e.Message);
            End(e, UpstreamRefusal.CodeOf(e), e.Message);
        }
        catch (Exception e)
        {
            // Waiting consumers must learn that nothing more comes.
            GatewayLog.Failed(_logger, e);
            End(e, BrokerCode.InternalError, "the gateway failed");
        }
    }

    private void End(Exception error, BrokerCode code, string problem)
    {
        lock (_gate)
            _endCode = code;
        _sink.OnUpstreamEnded(problem);
        lock (_gate)
            _registrations.EndAll(code);
        _completion.TrySetException(error);
    }

    private void Dispatch(in FrameItem arrived)
    {
        var item = arrived.Event is Evicted evicted ? new FrameItem(evicted.Interruption) : arrived;
        if (!item.IsFrame)
        {
            // The event may close connections, which must happen after the frames before it are delivered.
            _sink.OnIdle();
            TrackRegistration(item);
            _sink.OnEvent(item);
            if (item is { Event: MalformedFrame malformed, Feed: { IsNotice: true } feed })
                Withhold(feed, malformed.ReceivedAt);
        }
        else
        {
            if (item.Key is { } owner && _withheld.OnDelivered(new HubKey(item.TrId!, owner), item.Frame.ReceivedAt) is { } gap)
                NotifyOwner(item.Feed!, owner, gap);
            _sink.OnFrame(item, item.Key);
        }
    }

    private void Withhold(FeedSchema feed, DateTimeOffset at)
    {
        Interlocked.Increment(ref _noticesWithheld);
        if (_withheldFeeds.Add(feed.TrId))
            GatewayLog.NoticeWithheld(_logger, feed.TrId);
        foreach (var key in _confirmed.Where(key => key.TrId == feed.TrId))
        {
            if (_withheld.Withhold(key, at) is { } interruption)
                NotifyOwner(feed, key.Key, interruption);
        }
    }

    private void NotifyOwner(FeedSchema feed, string htsId, FeedEvent feedEvent) =>
        _sink.OnEvent(new FrameItem(feedEvent.AddressedTo(feed, htsId)));

    // Only a refusal after the confirmation is handled here. A refusal before it is the answer to the pending request.
    private void TrackRegistration(in FrameItem item)
    {
        if (item.TrId is not { } trId || item.Key is not { } key)
            return;
        var hubKey = new HubKey(trId, key);
        switch (item.Event)
        {
            case RegistrationConfirmed:
                _confirmed.Add(hubKey);
                break;
            case RegistrationReleased:
                _confirmed.Remove(hubKey);
                _withheld.Forget(hubKey);
                break;
            case RegistrationRefused refused when _confirmed.Remove(hubKey) && !_health.HasEnded:
                var code = refused.Code ?? BrokerCode.InternalError;
                GatewayLog.Lost(_logger, trId, PublicKeyOf(hubKey), code, refused.Problem);
                lock (_gate)
                {
                    if (_endCode is null)
                        _registrations.OnLost(hubKey, code);
                }

                break;
        }
    }
}

using KisFeed.Capture;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>
/// One upstream for many consumers: registers what they want, each key once, and hands on what comes, waiting for nobody. For any thread.
/// </summary>
/// <remarks>The book belongs to whoever holds <c>_gate</c>, and nobody waits for anything while holding it.</remarks>
internal sealed partial class FeedHub : IBookActions, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<HubKey, CancellationTokenSource> _adding = [];
    private readonly Dictionary<HubKey, ITimer> _graces = [];
    private readonly ITimer _timer;
    private readonly KisFeedClient _client;
    private readonly FrameTap _tap;
    private readonly UpstreamKeys _upstream;
    private readonly UpstreamHealth _reach;
    private readonly HubSettings _settings;
    private readonly IHubSink _sink;
    private readonly ILogger _logger;
    private readonly UpstreamRegistrations _upstreamRegistrations;
    private readonly Task _reading;
    private readonly Task _watching;
    private BrokerCode? _over;
    private bool _isDown;

    // Somebody has waited in vain, and no answer has come since. Who asks for many keys at once is not to wait for each of them.
    private bool _isMute;

    public FeedHub(KisFeedClient client, HubSettings settings, IHubSink sink, ILogger logger, CaptureRecorder? recorder = null)
    {
        _client = client;
        _settings = settings;
        _sink = sink;
        _logger = logger;
        _reach = new UpstreamHealth(client);
        _upstreamRegistrations = new UpstreamRegistrations(settings.Book, this);
        _timer = settings.TimeProvider.CreateTimer(static hub => ((FeedHub)hub!).LookAgain(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _tap = client.OpenTap();
        _upstream = new UpstreamKeys(_tap, recorder, settings.RecordNotices, logger);
        if (settings.Source is { } known)
            sink.OnSource(known);
        _reading = Task.Run(ReadAsync);
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>Ends when nothing comes any more: with a <see cref="ConnectionLostException"/> where upstream is lost for good.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Frames received from upstream, each once.</summary>
    public long Received => _tap.Received;

    /// <summary>Frames lost between upstream and the consumers because this program did not keep up.</summary>
    public long Dropped => _tap.Dropped;

    /// <summary>Frames that could not be read.</summary>
    public long Malformed => _tap.Malformed;

    /// <summary>What is registered upstream or to be, whether upstream has it on a connection that stands, and for how many.</summary>
    public IReadOnlyList<(HubKey Key, bool IsRegistered, int Leases)> Registrations
    {
        get
        {
            lock (_gate)
            {
                var confirmed = _client.Registrations.Where(r => r.IsConfirmed).Select(r => new HubKey(r.TrId, r.Key)).ToHashSet();
                return [.. _upstreamRegistrations.Entries.Select(entry => (entry.Key, entry.Phase == KeyPhase.Held && confirmed.Contains(entry.Key), entry.Leases.Count))];
            }
        }
    }

    /// <summary>Places of upstream that consumers of a name hold.</summary>
    public int PlacesOf(string name)
    {
        lock (_gate)
            return _upstreamRegistrations.Entries.Count(entry => entry.HasPlace && entry.Holder?.Name == name);
    }

    /// <summary>A consumer has one more connection, which <see cref="Leave"/> ends.</summary>
    public void Join(HubConsumer consumer)
    {
        lock (_gate)
        {
            if (_over is null)
                _upstreamRegistrations.Join(consumer, Now);
        }
    }

    /// <summary>A consumer has one connection less.</summary>
    public void Leave(HubConsumer consumer)
    {
        lock (_gate)
        {
            if (_over is null)
                _upstreamRegistrations.Leave(consumer, Now);
        }
    }

    /// <summary>Whether upstream has a key registered on a connection that stands.</summary>
    public bool IsRegistered(HubKey key)
    {
        lock (_gate)
            return _upstreamRegistrations.IsHeld(key) && _client.Registrations.Any(r => r.IsConfirmed && r.TrId == key.TrId && r.Key == key.Key);
    }

    /// <summary>Whether a feed is one of order notices.</summary>
    public bool IsNotice(string trId) => _client.Catalog.TryFind(trId, out var feed) && feed.IsNotice;

    /// <summary>
    /// Registers a key for a consumer, or joins those who have it. Completes when upstream has answered, when it is out of reach, or when it has taken too long, for
    /// this key or for one before; in the latter cases the lease is granted, and ended should upstream refuse later.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="consumer">Who wants it; <see langword="null"/> for the gateway itself.</param>
    /// <param name="onEnded">Called once where upstream takes back what was granted. It must be brief and not call the hub.</param>
    /// <returns>The lease, which is to be released unless it has a <see cref="Lease.Refusal"/>.</returns>
    public async Task<Lease> AcquireAsync(FeedSchema feed, string key, HubConsumer? consumer, Action<BrokerCode> onEnded)
    {
        var lease = new Lease(new HubKey(feed.TrId, key), consumer, onEnded);
        lock (_gate)
        {
            if (_over is { } code)
                lease.End(code);
            else if (!IsOfService(feed))
                lease.End(BrokerCode.InvalidTrId);
            else
                Acquire(lease);
        }

        try
        {
            await lease.Answered.WaitAsync(_settings.RegisterTimeout, _settings.TimeProvider, _stopping.Token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            lock (_gate)
            {
                _isMute |= _upstreamRegistrations.IsAskedFor(lease.Key);
                UpstreamRegistrations.TimedOut(lease);
            }
        }
        catch (OperationCanceledException)
        {
            lease.End(BrokerCode.InternalError);
        }

        return lease;
    }

    /// <summary>A consumer does not want a key any more. Nothing happens where that is over already.</summary>
    public void Release(Lease lease)
    {
        lock (_gate)
        {
            if (_over is null)
                _upstreamRegistrations.Release(lease, Now);
        }
    }

    /// <summary>Reads no more from upstream, whose client is to be disposed next. Leases end, without a word to those who hold them, and can still be released.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
            _over ??= BrokerCode.InternalError;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _ = _tap.DisposeAsync().AsTask(); // Upstream may not answer a release. Nothing waits for one: the connection ends with the client.
        lock (_gate)
        {
            _timer.Dispose();
            foreach (var timer in _graces.Values)
                timer.Dispose();
            _graces.Clear();
        }

        _completion.TrySetResult();
    }

    void IBookActions.Add(HubKey key)
    {
        var giveUp = new CancellationTokenSource();
        _adding.Add(key, giveUp);
        _ = Task.Run(() => AddAsync(key, giveUp));
    }

    void IBookActions.GiveUp(HubKey key)
    {
        var giveUp = _adding[key];
        _ = Task.Run(giveUp.CancelAsync);
    }

    void IBookActions.Remove(HubKey key) => _ = Task.Run(() => RemoveAsync(key));

    void IBookActions.BeginGrace(HubKey key, long period, TimeSpan duration) =>
        _graces.Add(key, _settings.TimeProvider.CreateTimer(_ => EndGrace(key, period), null, duration, Timeout.InfiniteTimeSpan));

    void IBookActions.SetTimer(TimeSpan delay) => _timer.Change(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, Timeout.InfiniteTimeSpan);

    void IBookActions.FewRegistrationsLeft(HubConsumer consumer, int left) =>
        GatewayLog.FewRegistrationsLeft(_logger, consumer.Name, left, consumer.NewRegistrations.PerMinute, consumer.NewRegistrations.PerHour);

    void IBookActions.EndGrace(HubKey key)
    {
        if (_graces.Remove(key, out var timer))
            timer.Dispose();
    }

    private TimeSpan Now => _settings.TimeProvider.GetElapsedTime(0);

    private void LookAgain()
    {
        lock (_gate)
        {
            if (_over is null)
                _upstreamRegistrations.LookAgain(Now);
        }
    }

    private void Acquire(Lease lease)
    {
        NoteReach();
        _upstreamRegistrations.Acquire(lease, Now);
        if (_isMute)
            UpstreamRegistrations.TimedOut(lease);
    }

    private void EndGrace(HubKey key, long period)
    {
        lock (_gate)
        {
            if (_over is null)
                _upstreamRegistrations.GraceOver(key, period, Now);
        }
    }

    private bool IsOfService(FeedSchema feed)
    {
        try
        {
            return FeedAvailability.Find(_client.Catalog, feed, _settings.Environment).TrId == feed.TrId;
        }
        catch (FeedNotAvailableException)
        {
            return false;
        }
    }

    private async Task AddAsync(HubKey key, CancellationTokenSource giveUp)
    {
        Action<UpstreamRegistrations> end;
        var isOver = false;
        try
        {
            await _upstream.AddAsync(FeedOf(key), key.Key, giveUp.Token).ConfigureAwait(false);
            GatewayLog.Added(_logger, key.TrId, PublicKeyOf(key));
            end = upstreamRegistrations => upstreamRegistrations.Added(key, Now);
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            end = upstreamRegistrations => upstreamRegistrations.GivenUp(key, Now);
        }
        catch (Exception e)
        {
            var code = UpstreamRefusal.CodeOf(e);
            isOver = e is ConnectionLostException && _reach.IsOver;
            if (!_stopping.IsCancellationRequested && !isOver)
                GatewayLog.Refused(_logger, key.TrId, PublicKeyOf(key), code, e.Message);
            end = upstreamRegistrations => upstreamRegistrations.Refused(key, code, Now);
        }

        lock (_gate)
        {
            _adding.Remove(key);
            _isMute = false;
            if (_over is null && !isOver)
                end(_upstreamRegistrations);
        }
    }

    private async Task RemoveAsync(HubKey key)
    {
        try
        {
            await _upstream.RemoveAsync(FeedOf(key), key.Key).ConfigureAwait(false);
            GatewayLog.Removed(_logger, key.TrId, PublicKeyOf(key));
        }
        catch (Exception e) when (e is KisFeedException or ObjectDisposedException or OperationCanceledException)
        {
            // The session is over, and what it held with it.
        }

        lock (_gate)
        {
            if (_over is null)
                _upstreamRegistrations.Removed(key, Now);
        }
    }

    private async Task WatchAsync()
    {
        try
        {
            await foreach (var status in _client.WatchSessionsAsync(_stopping.Token).ConfigureAwait(false))
            {
                if (_settings.Source is null && status.Source is { } source)
                    _sink.OnSource(source);
                lock (_gate)
                {
                    if (_over is null)
                        NoteReach();
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private void NoteReach()
    {
        var isDown = _reach.IsDown;
        if (isDown == _isDown)
            return;
        _isDown = isDown;
        if (isDown && !_reach.IsOver)
            GatewayLog.Down(_logger);
        else if (!isDown)
            GatewayLog.Up(_logger);
        _upstreamRegistrations.SetDown(isDown);
    }

    private FeedSchema FeedOf(HubKey key) => _client.Catalog.TryFind(key.TrId, out var feed) ? feed : throw new FeedNotAvailableException($"{key.TrId} is not in the catalog");

    private string PublicKeyOf(HubKey key) => IsNotice(key.TrId) ? "(HTS ID)" : key.Key;
}

/// <summary>What a hub is to keep to.</summary>
internal sealed record HubSettings
{
    /// <summary>What the registrations keep to.</summary>
    public required BookRules Book { get; init; }

    /// <summary>Where the data come from; <see langword="null"/> if upstream has to tell.</summary>
    public DataSource? Source { get; init; }

    /// <summary>Which of the broker's services upstream is.</summary>
    public required KisEnvironment Environment { get; init; }

    /// <summary>How long a consumer waits for upstream's answer.</summary>
    public required TimeSpan RegisterTimeout { get; init; }

    /// <summary>Whether a recorder beside the hub takes order notices.</summary>
    public bool RecordNotices { get; init; }

    public required TimeProvider TimeProvider { get; init; }
}

using KisFeed.Server;
using KisFeed.Simulator.Market;
using Microsoft.Extensions.Logging;

namespace KisFeed.Simulator.Server;

/// <summary>
/// Lets the market happen at a pace and brings its records to the registrations. The market stands still while nobody is registered, and waits
/// for a session whose client does not read, up to a limit after which that session is cut. Unless it loops it ends with its first day.
/// </summary>
/// <remarks>
/// The market and the registrations belong to whoever holds <c>_turn</c>: the loop for one turn of at most <see cref="TurnLength"/> events, or
/// a session that subscribes. Whoever waits for it is served in order, so the loop cannot keep sessions out however fast it goes. Nobody waits
/// for a client while holding it.
/// </remarks>
internal sealed class MarketFeed : IFeedSource, IMarketSink, IAsyncDisposable
{
    /// <summary>Events after which the loop flushes and lets others in.</summary>
    public const int TurnLength = 256;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<MarketStream, MarketTopic> _topics = [];
    private readonly Dictionary<Registration, MarketTopic> _topicOf = [];
    private readonly List<SessionOutput> _pending = [];
    private readonly KoreanMarket _market;
    private readonly DateOnly? _onlyDay; // null if the market goes on with the next
    private readonly RecordFaultSink _sink;
    private readonly FaultController _faults;
    private readonly Pace _pace;
    private readonly BackpressureTracker _full;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Task _loop;
    private bool _mixesKeys;

    // Completed, with the clock's timestamp, while somebody is registered.
    private volatile TaskCompletionSource<long> _audience = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public MarketFeed(KoreanMarket market, double rate, bool loop, TimeSpan slowClientLimit, FaultController faults, TimeProvider timeProvider, ILogger logger)
    {
        _market = market;
        _onlyDay = loop ? null : market.Day;
        _sink = new RecordFaultSink(this, faults);
        _faults = faults;
        _pace = new Pace(rate, timeProvider);
        _full = new BackpressureTracker(slowClientLimit, timeProvider, logger);
        _timeProvider = timeProvider;
        _logger = logger;
        _loop = Task.Run(RunAsync);
    }

    private bool IsDayOver => _onlyDay is { } day && _market.Day != day;

    public bool IsWellFormed(string trId, string trKey) => KoreanMarket.IsWellFormed(trId, trKey);

    public async ValueTask SubscribeAsync(Registration registration)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            var stream = _market.Open(registration.TrId, registration.TrKey);
            if (!_topics.TryGetValue(stream, out var topic))
                _topics.Add(stream, topic = new MarketTopic(stream));
            topic.Registrations.Add(registration);
            _topicOf.Add(registration, topic);
            _audience.TrySetResult(_timeProvider.GetTimestamp());
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask UnsubscribeAsync(Registration registration)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_topicOf.Remove(registration, out var topic))
                return;
            topic.Registrations.Remove(registration);
            _market.Close(topic.Stream);
            if (topic.Registrations.Count == 0)
                _topics.Remove(topic.Stream);
            if (_topics.Count == 0)
                _audience = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        finally
        {
            _turn.Release();
        }
    }

    void IMarketSink.OnRecord(MarketStream stream, ReadOnlySpan<byte> record)
    {
        foreach (var registration in _topics[stream].Registrations)
        {
            registration.Deliver(record, _mixesKeys);
            if (registration.Output.TrySchedule())
                _pending.Add(registration.Output);
        }
    }

    /// <summary>Ends the loop. Registrations can still be taken back afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        try
        {
            await PlayAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Asked to stop.
        }
        catch (Exception e)
        {
            SimulatorLog.MarketFailed(_logger, e);
            throw;
        }
    }

    private async Task PlayAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pace.Period, _timeProvider);
        Task<long>? known = null;
        while (!IsDayOver)
        {
            var audience = _audience.Task;
            if (audience != known)
            {
                _pace.Restart(await audience.WaitAsync(cancellationToken).ConfigureAwait(false));
                known = audience;
            }

            if (!_pace.IsUnlimited)
                await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
            for (var due = _pace.IsUnlimited ? TurnLength : _pace.TakeDue(); due > 0; due -= TurnLength)
            {
                await TakeTurnAsync(Math.Min(due, TurnLength), cancellationToken).ConfigureAwait(false);
                if (_full.Any)
                    await _full.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        SimulatorLog.DayOver(_logger, MarketHours.Close);
    }

    private async Task TakeTurnAsync(int events, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _sink.BeginTurn();
            _mixesKeys = _faults.Current.MixedKeys;
            while (events-- > 0 && !IsDayOver && _market.TryStep(_sink))
            {
                // The records come to OnRecord.
            }

            foreach (var output in _pending)
            {
                output.Flush();
                _full.Track(output.Connection);
            }
        }
        finally
        {
            _pending.Clear();
            _turn.Release();
        }
    }
}

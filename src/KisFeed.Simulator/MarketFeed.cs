using KisFeed.Server.Protocol;
using KisFeed.Simulator.Market;
using KisFeed.Wire.Control;
using Microsoft.Extensions.Logging;

namespace KisFeed.Simulator;

/// <summary>
/// Runs the market at the configured rate and sends its records to the registrations. The market stops while there are no registrations,
/// and waits for a client that does not read until a time limit, after which its connection is cut. Unless it loops, it ends with its
/// first day.
/// </summary>
/// <remarks>The lock of the loop guards the market and the registrations.</remarks>
internal sealed class MarketFeed : IFeedSource, IMarketSink, IAsyncDisposable
{
    private readonly Dictionary<MarketStream, MarketTopic> _topics = [];
    private readonly Dictionary<ClientRegistration, MarketTopic> _topicOf = [];
    private readonly List<SessionOutput> _pending = [];
    private readonly KoreanMarket _market;
    private readonly DateOnly? _onlyDay; // null if the market continues with the next day
    private readonly RecordFaultSink _sink;
    private readonly FaultController _faults;
    private readonly Pace _pace;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly TurnLoop _loop;
    private ServerEvent _source;
    private bool _mixesKeys;

    // Completed, with the clock's timestamp, while there are registrations.
    private volatile TaskCompletionSource<long> _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public MarketFeed(
        KoreanMarket market, double rate, bool loop, TimeSpan slowClientLimit, FaultController faults, TimeProvider timeProvider,
        ILogger logger)
    {
        _market = market;
        _onlyDay = loop ? null : market.Day;
        _source = ServerEvents.Of(DataSource.Simulation, market.Day);
        _sink = new RecordFaultSink(this, faults);
        _faults = faults;
        _pace = new Pace(rate, timeProvider);
        _timeProvider = timeProvider;
        _logger = logger;
        _loop = new TurnLoop(slowClientLimit, timeProvider, logger);
        _loop.Start(PlayAsync, FailAsync);
    }

    private bool IsDayOver => _onlyDay is { } day && _market.Day != day;

    public bool IsWellFormed(string trId, string trKey) => KoreanMarket.IsWellFormed(trId, trKey, _market.Catalog);

    public async ValueTask SubscribeAsync(ClientRegistration registration)
    {
        using var turn = await _loop.EnterAsync().ConfigureAwait(false);
        var stream = _market.Open(registration.TrId, registration.TrKey);
        if (!_topics.TryGetValue(stream, out var topic))
            _topics.Add(stream, topic = new MarketTopic(stream));
        topic.Registrations.Add(registration);
        _topicOf.Add(registration, topic);
        registration.Output.State(_source);
        _registered.TrySetResult(_timeProvider.GetTimestamp());
    }

    public async ValueTask UnsubscribeAsync(ClientRegistration registration)
    {
        using var turn = await _loop.EnterAsync().ConfigureAwait(false);
        if (!_topicOf.Remove(registration, out var topic))
            return;
        topic.Registrations.Remove(registration);
        _market.Close(topic.Stream);
        if (topic.Registrations.Count == 0)
            _topics.Remove(topic.Stream);
        if (_topics.Count == 0)
            _registered = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    void IMarketSink.OnRecord(MarketStream stream, ReadOnlySpan<byte> record)
    {
        foreach (var registration in _topics[stream].Registrations)
        {
            registration.Output.State(_source);
            registration.Deliver(record, _mixesKeys);
            if (registration.Output.TrySchedule())
                _pending.Add(registration.Output);
        }
    }

    /// <summary>Ends the loop. Registrations can still be removed afterwards.</summary>
    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    private Task FailAsync(Exception error)
    {
        SimulatorLog.MarketFailed(_logger, error);
        return Task.FromException(error);
    }

    private async Task PlayAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pace.Period, _timeProvider);
        Task<long>? started = null;
        while (!IsDayOver)
        {
            var registered = _registered.Task;
            if (registered != started)
            {
                _pace.Restart(await registered.WaitAsync(cancellationToken).ConfigureAwait(false));
                started = registered;
            }

            if (!_pace.IsUnlimited)
                await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
            for (var due = _pace.IsUnlimited ? TurnLoop.TurnLength : _pace.GetDue(); due > 0; due -= TurnLoop.TurnLength)
            {
                await RunTurnAsync(Math.Min(due, TurnLoop.TurnLength), cancellationToken).ConfigureAwait(false);
                await _loop.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        SimulatorLog.DayOver(_logger, MarketHours.Close);
    }

    private bool TryStep()
    {
        if (_source.Day != _market.Day)
            _source = ServerEvents.Of(DataSource.Simulation, _market.Day);
        return _market.TryStep(_sink);
    }

    private async Task RunTurnAsync(int events, CancellationToken cancellationToken)
    {
        using var turn = await _loop.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _sink.BeginTurn();
            _mixesKeys = _faults.Current.MixedKeys;
            while (events-- > 0 && !IsDayOver && TryStep())
            {
                // OnRecord gets the records.
            }

            foreach (var output in _pending)
            {
                output.Flush();
                _loop.Track(output.Connection);
            }
        }
        finally
        {
            _pending.Clear();
        }
    }
}

internal sealed class MarketTopic(MarketStream stream)
{
    public MarketStream Stream { get; } = stream;

    public List<ClientRegistration> Registrations { get; } = [];
}

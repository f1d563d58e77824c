using KisFeed.Server;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Replay;

/// <summary>
/// Brings the frames of a capture to the registrations, at the pace at which they were received. Begins when the first registrations stand, stands
/// still while there are none, and begins anew for who comes after everybody has left. A client that does not read holds the frames up, up to a
/// limit after which its connection is cut; those that waited come as fast as they can then.
/// </summary>
/// <remarks>
/// Clock, capture and registrations belong to whoever holds <c>_turn</c>: the loop for one turn of at most <see cref="TurnLength"/> frames, or a
/// session that subscribes. Nobody waits for a client while holding it.
/// </remarks>
internal sealed class ReplayFeed : IFeedSource, IAsyncDisposable
{
    /// <summary>Frames after which the loop lets others in.</summary>
    public const int TurnLength = 256;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<IClientConnection> _audience = [];
    private readonly HashSet<string> _strangers = new(StringComparer.Ordinal);
    private readonly HashSet<(string TrId, string TrKey)> _missing = [];
    private readonly FrameDispatcher _registrations;
    private readonly ReplaySource _replaySource;
    private readonly ReplaySettings _settings;
    private readonly BackpressureTracker _full;
    private readonly ReplayClock _clock;
    private readonly AsyncWakeTimer _asyncWakeTimer;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Task _loop;
    private long _lastRegistered;
    private bool _hasBegun;
    private volatile bool _isOver;
    private volatile bool _isDeserted;

    public ReplayFeed(ReplaySource replaySource, ReplaySettings settings, TimeSpan slowClientLimit, TimeProvider timeProvider, ILogger logger)
    {
        _replaySource = replaySource;
        _settings = settings;
        _timeProvider = timeProvider;
        _logger = logger;
        _registrations = new FrameDispatcher(replaySource.Catalog);
        _full = new BackpressureTracker(slowClientLimit, timeProvider, logger);
        _clock = new ReplayClock(settings.Speed, timeProvider);
        _asyncWakeTimer = new AsyncWakeTimer(timeProvider);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>How long no registration may have come for the replay to begin, unless it is to begin with a number of them.</summary>
    public static TimeSpan Quiet { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Completes when the end of the capture has been reached, which it never is where it is replayed again and again.</summary>
    public Task Ended => _ended.Task;

    public bool IsWellFormed(string trId, string trKey) => KeyFormat.Fits(trId, trKey);

    public async ValueTask SubscribeAsync(Registration registration)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            _registrations.Add(registration);
            _audience.Add(registration.Output.Connection);
            _lastRegistered = _timeProvider.GetTimestamp();
            if (_isOver && !_isDeserted)
                ReplayLog.TooLate(_logger, registration.Output.Connection.Id, registration.TrId, PublicKeyOf(registration));
            if (_hasBegun)
                _clock.Go();
            _asyncWakeTimer.Now();
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
            if (_registrations.Remove(registration) && _registrations.Count == 0)
                _clock.Stop();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Notes that a connection has ended, its registrations having been taken back.</summary>
    public async ValueTask LeaveAsync(IClientConnection connection)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_audience.Remove(connection) || _audience.Count > 0 || !_hasBegun)
                return;
            _isDeserted = true;
            _asyncWakeTimer.Now();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends the loop. Registrations can still be taken back afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _asyncWakeTimer.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await BeginAsync(_stopping.Token).ConfigureAwait(false);
                await PlayAsync(_stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Asked to stop.
        }
        catch (Exception e)
        {
            // Whoever waits for frames must not wait for ever.
            ReplayLog.Failed(_logger, e);
            _ended.TrySetException(e);
            await CutAllAsync().ConfigureAwait(false);
        }
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        while (!await TryBeginAsync(cancellationToken).ConfigureAwait(false))
            await _asyncWakeTimer.SleepAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> TryBeginAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isDeserted)
                ReplayLog.Deserted(_logger);
            _clock.Rewind();
            _hasBegun = _isOver = _isDeserted = false;
            if (_registrations.Count == 0 || _registrations.Count < _settings.Wait)
                return false;
            var left = _settings.Wait is null ? Quiet - _timeProvider.GetElapsedTime(_lastRegistered) : TimeSpan.Zero;
            if (left > TimeSpan.Zero)
            {
                _asyncWakeTimer.In(left);
                return false;
            }

            _hasBegun = true;
            ReplayLog.Begun(_logger, _registrations.Count);
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    // Plays the capture, once or again and again, until everybody has left.
    private async Task PlayAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var frames = _replaySource.ReadAsync(_settings.From, _settings.To, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using var _ = frames.ConfigureAwait(false);
            var cursor = new CaptureCursor(frames);
            if (!await cursor.TryBeginAsync().ConfigureAwait(false))
            {
                ReplayLog.Empty(_logger);
                await EndAsync(cursor, cancellationToken).ConfigureAwait(false);
                return;
            }

            await GoFromBeginningAsync(cancellationToken).ConfigureAwait(false);
            if (await PlayAsync(cursor, cancellationToken).ConfigureAwait(false) == PumpResult.IsDeserted)
                return;
            if (!_settings.Loop)
            {
                await EndAsync(cursor, cancellationToken).ConfigureAwait(false);
                return;
            }

            await SayWhatIsMissingAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task GoFromBeginningAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _clock.Rewind();
            if (_registrations.Count > 0)
                _clock.Go();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<PumpResult> PlayAsync(CaptureCursor cursor, CancellationToken cancellationToken)
    {
        while (true)
        {
            var end = await TakeTurnAsync(cursor, cancellationToken).ConfigureAwait(false);
            if (_full.Any)
                await _full.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (end is PumpResult.IsDeserted or PumpResult.IsOver)
                return end;
            if (end == PumpResult.NothingIsDue)
                await _asyncWakeTimer.SleepAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<PumpResult> TakeTurnAsync(CaptureCursor cursor, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            for (var left = TurnLength; left > 0 && !_full.Any; left--)
            {
                if (_isDeserted)
                    return PumpResult.IsDeserted;
                if (_registrations.Count == 0)
                    return PumpResult.NothingIsDue;
                var wait = _clock.Until(cursor.Position);
                if (wait > TimeSpan.Zero)
                {
                    _asyncWakeTimer.In(wait);
                    return PumpResult.NothingIsDue;
                }

                Deliver(cursor.Current);
                if (!await cursor.MoveNextAsync().ConfigureAwait(false))
                    return PumpResult.IsOver;
            }

            return PumpResult.MoreIsDue;
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Deliver(in ReplayFrame frame)
    {
        if (frame.Event is { } happened)
        {
            _registrations.SendEvent(happened);
            return;
        }

        _replaySource.Counters.Played(frame.At);
        string? owner = null;
        if (_replaySource.Owners.IsPlainNotice(frame) && !_replaySource.Owners.TryFind(frame, _registrations, out owner))
        {
            _replaySource.Counters.StrangersNotice();
            if (_strangers.Add(frame.TrId))
                ReplayLog.StrangersNotice(_logger, frame.TrId);
            return;
        }

        foreach (var output in _registrations.Deliver(frame.TrId, frame.Bytes.Span, owner))
            _full.Track(output.Connection);
    }

    private async Task EndAsync(CaptureCursor cursor, CancellationToken cancellationToken)
    {
        _isOver = true;
        ReplayLog.Over(_logger, cursor.Frames);
        await SayWhatIsMissingAsync(cancellationToken).ConfigureAwait(false);
        await SendEndAsync(cancellationToken).ConfigureAwait(false);
        _ended.TrySetResult();
        while (!_isDeserted)
            await _asyncWakeTimer.SleepAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task SayWhatIsMissingAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var registration in _registrations.All.Where(registration => !registration.IsServed && _missing.Add((registration.TrId, registration.TrKey))))
                ReplayLog.NothingFor(_logger, registration.Output.Connection.Id, registration.TrId, PublicKeyOf(registration));
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task SendEndAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var connection in _audience)
                connection.Send(new ServerEvent { Kind = ServerEventKind.End });
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task CutAllAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            foreach (var connection in _audience)
                connection.Cut();
        }
        finally
        {
            _turn.Release();
        }
    }

    private string PublicKeyOf(Registration registration) => _replaySource.Owners.IsNotice(registration.TrId) ? "(HTS ID)" : registration.TrKey;
}

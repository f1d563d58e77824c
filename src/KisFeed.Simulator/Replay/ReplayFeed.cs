using KisFeed.Server.Protocol;
using KisFeed.Wire.Control;
using Microsoft.Extensions.Logging;

namespace KisFeed.Simulator.Replay;

/// <summary>
/// Sends the frames of a capture to the registrations at the pace at which they were received. Starts with the first registrations,
/// pauses while there are none, and restarts when a client registers after all others have left. A client that does not read delays all
/// frames until a time limit, after which its connection is cut; then the delayed frames are sent as fast as possible.
/// </summary>
/// <remarks>The lock of the loop guards clock, capture and registrations.</remarks>
internal sealed class ReplayFeed : IFeedSource, IAsyncDisposable
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<IClientConnection> _clients = [];
    private readonly HashSet<string> _unmatchedFeeds = new(StringComparer.Ordinal);
    private readonly HashSet<(string TrId, string TrKey)> _reportedUnserved = [];
    private readonly FrameDispatcher _registrations;
    private readonly ReplaySource _source;
    private readonly ReplayOptions _options;
    private readonly ReplayClock _clock;
    private readonly AsyncWakeTimer _wakeTimer;
    private readonly ILogger _logger;
    private readonly TurnLoop _loop;
    private long _lastRegistered;
    private DateOnly? _statedDay;
    private bool _hasBegun;
    private volatile bool _hasEnded;
    private volatile bool _allLeft;

    public ReplayFeed(ReplaySource source, ReplayOptions options, ILogger logger)
    {
        _source = source;
        _options = options;
        _logger = logger;
        _registrations = new FrameDispatcher(source.Catalog);
        _clock = new ReplayClock(options.Speed, options.TimeProvider);
        _wakeTimer = new AsyncWakeTimer(options.TimeProvider);
        _loop = new TurnLoop(options.SlowClientLimit, options.TimeProvider, logger);
        _loop.Start(RunAsync, FailAsync);
    }

    /// <summary>The time without new registrations after which the replay starts, unless it waits for a number of registrations.</summary>
    public static TimeSpan Quiet { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether the replay serves one connection and ends with it. Default: no.</summary>
    public bool EndsWithConnection { get; init; }

    /// <summary>Completes at the end of the capture; never if the capture is replayed in a loop.</summary>
    public Task Ended => _ended.Task;

    public bool IsWellFormed(string trId, string trKey) => KeyFormat.Fits(trId, trKey);

    public async ValueTask SubscribeAsync(ClientRegistration registration)
    {
        using var turn = await _loop.EnterAsync().ConfigureAwait(false);
        _registrations.Add(registration);
        _clients.Add(registration.Output.Connection);
        _lastRegistered = _options.TimeProvider.GetTimestamp();
        if (_hasEnded && !_allLeft)
            ReplayLog.TooLate(_logger, registration.Output.Connection.Id, registration.TrId, PublicKeyOf(registration));
        if (_hasBegun)
            _clock.Start();
        _wakeTimer.Wake();
    }

    public async ValueTask UnsubscribeAsync(ClientRegistration registration)
    {
        using var turn = await _loop.EnterAsync().ConfigureAwait(false);
        if (_registrations.Remove(registration) && _registrations.Count == 0)
            _clock.Stop();
    }

    public async ValueTask LeaveAsync(IClientConnection connection)
    {
        using (await _loop.EnterAsync().ConfigureAwait(false))
        {
            if (_clients.Remove(connection) && _clients.Count == 0 && _hasBegun)
            {
                _allLeft = true;
                _wakeTimer.Wake();
            }
        }

        if (EndsWithConnection)
            await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the loop. Registrations can still be removed afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        await _loop.DisposeAsync().ConfigureAwait(false);
        _wakeTimer.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await BeginAsync(cancellationToken).ConfigureAwait(false);
            await PlayAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // Clients must not wait forever for frames.
    private async Task FailAsync(Exception error)
    {
        ReplayLog.Failed(_logger, error);
        _ended.TrySetException(error);
        using var turn = await _loop.EnterAsync().ConfigureAwait(false);
        foreach (var connection in _clients)
            connection.Cut();
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        while (!await TryBeginAsync(cancellationToken).ConfigureAwait(false))
            await _wakeTimer.SleepAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> TryBeginAsync(CancellationToken cancellationToken)
    {
        using var turn = await _loop.EnterAsync(cancellationToken).ConfigureAwait(false);
        if (_allLeft)
            ReplayLog.AllLeft(_logger);
        _clock.Rewind();
        _hasBegun = _hasEnded = _allLeft = false;
        if (_registrations.Count == 0 || _registrations.Count < _options.Wait)
            return false;
        var left = _options.Wait is null ? Quiet - _options.TimeProvider.GetElapsedTime(_lastRegistered) : TimeSpan.Zero;
        if (left > TimeSpan.Zero)
        {
            _wakeTimer.WakeAfter(left);
            return false;
        }

        _hasBegun = true;
        ReplayLog.Begun(_logger, _registrations.Count);
        return true;
    }

    // Plays the capture, once or in a loop, until all clients have left.
    private async Task PlayAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var frames = _source.ReadAsync(_options.From, _options.To, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using var _ = frames.ConfigureAwait(false);
            var cursor = new CaptureCursor(frames);
            if (!await cursor.TryBeginAsync().ConfigureAwait(false))
            {
                ReplayLog.Empty(_logger);
                await EndAsync(cursor, cancellationToken).ConfigureAwait(false);
                return;
            }

            await RestartClockAsync(cancellationToken).ConfigureAwait(false);
            if (await PlayAsync(cursor, cancellationToken).ConfigureAwait(false) == PumpResult.AllLeft)
                return;
            if (!_options.Loop)
            {
                await EndAsync(cursor, cancellationToken).ConfigureAwait(false);
                return;
            }

            await LogUnservedAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RestartClockAsync(CancellationToken cancellationToken)
    {
        using var turn = await _loop.EnterAsync(cancellationToken).ConfigureAwait(false);
        _clock.Rewind();
        if (_registrations.Count > 0)
            _clock.Start();
    }

    private async Task<PumpResult> PlayAsync(CaptureCursor cursor, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await RunTurnAsync(cursor, cancellationToken).ConfigureAwait(false);
            await _loop.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
            if (result is PumpResult.AllLeft or PumpResult.Ended)
                return result;
            if (result == PumpResult.NothingDue)
                await _wakeTimer.SleepAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<PumpResult> RunTurnAsync(CaptureCursor cursor, CancellationToken cancellationToken)
    {
        using var turn = await _loop.EnterAsync(cancellationToken).ConfigureAwait(false);
        for (var left = TurnLoop.TurnLength; left > 0 && !_loop.IsAnyFull; left--)
        {
            if (_allLeft)
                return PumpResult.AllLeft;
            if (_registrations.Count == 0)
                return PumpResult.NothingDue;
            var wait = _clock.Until(cursor.Position);
            if (wait > TimeSpan.Zero)
            {
                _wakeTimer.WakeAfter(wait);
                return PumpResult.NothingDue;
            }

            Deliver(cursor.Current);
            if (!await cursor.MoveNextAsync().ConfigureAwait(false))
                return PumpResult.Ended;
        }

        return PumpResult.MoreDue;
    }

    private void Deliver(in ReplayFrame frame)
    {
        if (frame.Event is { } serverEvent)
        {
            _registrations.SendEvent(serverEvent);
            return;
        }

        _source.Counters.Played(frame.At);
        string? owner = null;
        if (_source.Owners.IsPlainNotice(frame) && !_source.Owners.TryFind(frame, _registrations, out owner))
        {
            _source.Counters.UnmatchedNotice();
            if (_unmatchedFeeds.Add(frame.TrId))
                ReplayLog.UnmatchedNotice(_logger, frame.TrId);
            return;
        }

        State(frame.Day);
        foreach (var output in _registrations.Deliver(frame.TrId, frame.Bytes.Span, owner))
            _loop.Track(output.Connection);
    }

    private void State(DateOnly day)
    {
        if (_statedDay == day)
            return;
        _statedDay = day;
        _registrations.State(ServerEvents.Of(DataSource.Replay, day));
    }

    private async Task EndAsync(CaptureCursor cursor, CancellationToken cancellationToken)
    {
        _hasEnded = true;
        ReplayLog.EndReached(_logger, cursor.Frames);
        await LogUnservedAsync(cancellationToken).ConfigureAwait(false);
        await SendEndAsync(cancellationToken).ConfigureAwait(false);
        _ended.TrySetResult();
        while (!_allLeft)
            await _wakeTimer.SleepAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task LogUnservedAsync(CancellationToken cancellationToken)
    {
        using var turn = await _loop.EnterAsync(cancellationToken).ConfigureAwait(false);
        foreach (var registration in _registrations.All.Where(
            registration => !registration.IsServed && _reportedUnserved.Add((registration.TrId, registration.TrKey))))
        {
            ReplayLog.NothingFor(_logger, registration.Output.Connection.Id, registration.TrId, PublicKeyOf(registration));
        }
    }

    private async Task SendEndAsync(CancellationToken cancellationToken)
    {
        using var turn = await _loop.EnterAsync(cancellationToken).ConfigureAwait(false);
        foreach (var connection in _clients)
            connection.Send(new ServerEvent { Kind = ServerEventKind.End });
    }

    private string PublicKeyOf(ClientRegistration registration) =>
        _source.Owners.IsNotice(registration.TrId) ? "(HTS ID)" : registration.TrKey;
}

/// <summary>Why a turn of a replay ended.</summary>
internal enum PumpResult
{
    /// <summary>More frames are due; the turn ended to let sessions subscribe.</summary>
    MoreDue,

    /// <summary>The next frame is not due yet, or there are no registrations.</summary>
    NothingDue,

    /// <summary>All clients have left, so the replay restarts with the next one.</summary>
    AllLeft,

    /// <summary>The last frame was sent.</summary>
    Ended,
}

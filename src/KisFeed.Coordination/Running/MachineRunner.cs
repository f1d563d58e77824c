using KisFeed.Coordination.Postgres;
using Microsoft.Extensions.Logging;

namespace KisFeed.Coordination.Running;

/// <summary>
/// Runs a state machine: its events under one lock, its timer, and its requests to the store, each of which ends within a limit.
/// </summary>
internal sealed class MachineRunner : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<Task> _running = [];
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly string _name;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private string? _problem;
    private bool _isStopped;

    /// <summary>Creates a runner.</summary>
    /// <param name="timerDue">The event of the timer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="limit">When a request counts as failed.</param>
    /// <param name="name">The owner, in the log.</param>
    /// <param name="logger">Where failures are logged.</param>
    public MachineRunner(Action<TimeSpan> timerDue, TimeProvider time, TimeSpan limit, string name, ILogger logger)
    {
        (_time, _limit, _name, _logger) = (time, limit, name, logger);
        _timer = time.CreateTimer(_ => Run(timerDue), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called under the lock after each event.</summary>
    public Action AfterEvent { get; init; } = static () => { };

    /// <summary>The problem of the last request; <see langword="null"/> if it was answered.</summary>
    public string? Problem => Read(() => _problem);

    /// <summary>The monotonic time.</summary>
    public TimeSpan Now => _time.GetElapsedTime(0);

    /// <summary>Reads something under the lock.</summary>
    public TResult Read<TResult>(Func<TResult> read)
    {
        lock (_gate)
            return read();
    }

    /// <summary>Passes an event with its time. Returns <see langword="false"/> if the runner was stopped.</summary>
    public bool Run(Action<TimeSpan> machineEvent)
    {
        lock (_gate)
        {
            if (_isStopped)
                return false;
            machineEvent(Now);
            AfterEvent();
            return true;
        }
    }

    /// <summary>Sets the timer, in place of the previous one. Call it under the lock.</summary>
    public void SetTimer(TimeSpan dueAt)
    {
        var wait = dueAt - Now;
        if (!_isStopped)
            _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Starts a request. Call it under the lock.</summary>
    public void Start<TAnswer>(
        Func<CancellationToken, Task<TAnswer>> call, Action<TAnswer, TimeSpan> answered, Action<TimeSpan> failed)
    {
        var task = Task.Run(() => RunAsync(call, answered, failed));
        _running.Add(task);
        _running.RemoveWhere(static other => other.IsCompleted);
    }

    /// <summary>Makes a last request, without which the rows would expire.</summary>
    public async Task TryLastAsync(Func<CancellationToken, Task> call, TimeSpan limit)
    {
        using var timeout = new RequestCancellation(limit, _time);
        try
        {
            await call(timeout.Token).WaitAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (StoreFailure.IsExpected(e))
        {
            // They expire.
        }
    }

    /// <summary>Passes a last event. Returns <see langword="false"/> if that was done before.</summary>
    public bool TryStop(Action lastEvent)
    {
        lock (_gate)
        {
            if (_isStopped)
                return false;
            _isStopped = true;
            lastEvent();
            return true;
        }
    }

    /// <summary>Cancels and awaits all requests. Call <see cref="TryStop"/> before, and do not call it under the lock.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(Read(() => _running.ToArray())).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync<TAnswer>(
        Func<CancellationToken, Task<TAnswer>> call, Action<TAnswer, TimeSpan> answered, Action<TimeSpan> failed)
    {
        using var cancellation = new RequestCancellation(_limit, _time, _stopping.Token);
        var token = cancellation.Token;
        TAnswer answer;
        try
        {
            // A server that has disappeared may keep the client from noticing the cancellation.
            answer = await call(token).WaitAsync(token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Without an answer the state machine would never ask again. Npgsql throws many types.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Run(now =>
            {
                var text = StoreFailure.TextOf(e, "");
                if (_problem is null)
                    CoordinationLog.StoreFails(_logger, _name, text);
                _problem = text;
                failed(now);
            });
            return;
        }

        Run(now =>
        {
            if (_problem is not null)
                CoordinationLog.StoreAnswers(_logger, _name);
            _problem = null;
            answered(answer, now);
        });
    }
}

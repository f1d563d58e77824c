using KisFeed.Coordination.Postgres;
using Microsoft.Extensions.Logging;

namespace KisFeed.Coordination.Running;

/// <summary>
/// Requests to the store for a state machine: each ends within a limit, and its answer is applied under the lock of the machine.
/// </summary>
/// <param name="gate">The lock of the state machine.</param>
/// <param name="time">The clock.</param>
/// <param name="limit">When a request counts as failed.</param>
/// <param name="name">The owner, in the log.</param>
/// <param name="logger">Where failures are logged.</param>
internal sealed class StoreCalls(Lock gate, TimeProvider time, TimeSpan limit, string name, ILogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>The problem of the last request; <see langword="null"/> if it was answered.</summary>
    public string? Problem { get; private set; }

    /// <summary>The monotonic time.</summary>
    public TimeSpan Now => time.GetElapsedTime(0);

    /// <summary>Ended when the owner stops.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Starts a request. Call it under the lock.</summary>
    public void Start<TAnswer>(Func<CancellationToken, Task<TAnswer>> call, Action<TAnswer> answered, Action failed)
    {
        var task = Task.Run(() => RunAsync(call, answered, failed));
        _running.Add(task);
        _running.RemoveWhere(static other => other.IsCompleted);
    }

    /// <summary>Cancels and awaits all requests. Do not call it under the lock.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task[] running;
        lock (gate)
            running = [.. _running];
        await Task.WhenAll(running).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync<TAnswer>(Func<CancellationToken, Task<TAnswer>> call, Action<TAnswer> answered, Action failed)
    {
        using var cancellation = new RequestCancellation(limit, time, _stopping.Token);
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
            lock (gate)
            {
                if (_stopping.IsCancellationRequested)
                    return;
                var text = StoreFailure.TextOf(e, "");
                if (Problem is null)
                    CoordinationLog.StoreFails(logger, name, text);
                Problem = text;
                failed();
                return;
            }
        }

        lock (gate)
        {
            if (_stopping.IsCancellationRequested)
                return;
            if (Problem is not null)
                CoordinationLog.StoreAnswers(logger, name);
            Problem = null;
            answered(answer);
        }
    }
}

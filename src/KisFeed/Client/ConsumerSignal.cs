using System.Threading.Tasks.Sources;

namespace KisFeed;

/// <summary>Wakes the one consumer of a queue, if it waits. Allocates nothing.</summary>
internal sealed class ConsumerSignal : IValueTaskSource<bool>
{
    private ManualResetValueTaskSourceCore<bool> _wait = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private int _isAwaited;

    /// <summary>Whether it is among the <see cref="WakeUps"/> already, which alone change this.</summary>
    public bool IsDue { get; set; }

    /// <summary>
    /// Begins to wait. What is put into the queue from now on is signalled; the consumer looks once more whether something was just before, and signals that itself.
    /// </summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellation)
    {
        _wait.Reset();
        Interlocked.Exchange(ref _isAwaited, 1);
        if (cancellation.CanBeCanceled)
            _cancellation = cancellation.UnsafeRegister(static (state, token) => ((ConsumerSignal)state!).Cancel(token), this);
        return new ValueTask<bool>(this, _wait.Version);
    }

    /// <summary>There is something in the queue. May be called by any thread.</summary>
    public void Set()
    {
        // What was put into the queue must be seen by a consumer that is not seen to wait.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isAwaited) == 1 && Interlocked.Exchange(ref _isAwaited, 0) == 1)
            _wait.SetResult(true);
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _cancellation.Dispose();
        _cancellation = default;
        return _wait.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken token)
    {
        if (Interlocked.Exchange(ref _isAwaited, 0) == 1)
            _wait.SetException(new OperationCanceledException(token));
    }
}

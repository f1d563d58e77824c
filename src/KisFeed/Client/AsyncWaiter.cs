using System.Threading.Tasks.Sources;

namespace KisFeed;

/// <summary>Wakes the one consumer of a queue, if it waits. Allocates nothing, unless a consumer lets go of a wait and begins another.</summary>
internal sealed class AsyncWaiter
{
    private Wait _wait = new();

    /// <summary>Whether it is among the <see cref="PendingWakeups"/> already, which alone change this.</summary>
    public bool IsDue { get; set; }

    /// <summary>
    /// Begins to wait. What is put into the queue from now on is signalled; the consumer looks once more whether something was just before, and signals that itself.
    /// </summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellation)
    {
        if (!_wait.IsFree)
        {
            _wait.Cancel(new CancellationToken(canceled: true));
            Volatile.Write(ref _wait, new Wait());
        }

        return _wait.BeginAsync(cancellation);
    }

    /// <summary>There is something in the queue. May be called by any thread.</summary>
    public void Set()
    {
        // What was put into the queue must be seen by a consumer that is not seen to wait.
        Interlocked.MemoryBarrier();
        Volatile.Read(ref _wait).End();
    }

    private sealed class Wait : IValueTaskSource<bool>
    {
        private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
        private CancellationTokenRegistration _cancellation;
        private int _isPending;

        /// <summary>Whether nobody waits by it, and who has done so has the result.</summary>
        public bool IsFree { get; private set; } = true;

        public ValueTask<bool> BeginAsync(CancellationToken cancellation)
        {
            IsFree = false;
            _source.Reset();
            Interlocked.Exchange(ref _isPending, 1);
            if (cancellation.CanBeCanceled)
                _cancellation = cancellation.UnsafeRegister(static (state, token) => ((Wait)state!).Cancel(token), this);
            return new ValueTask<bool>(this, _source.Version);
        }

        public void End()
        {
            if (IsPending() && TryEnd())
                _source.SetResult(true);
        }

        public void Cancel(CancellationToken token)
        {
            if (TryEnd())
                _source.SetException(new OperationCanceledException(token));
        }

        public bool GetResult(short token)
        {
            // Freed only once the result has been taken, or somebody may begin anew meanwhile.
            _cancellation.Dispose();
            _cancellation = default;
            try
            {
                return _source.GetResult(token);
            }
            finally
            {
                IsFree = true;
            }
        }

        public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _source.OnCompleted(continuation, state, token, flags);

        private bool IsPending() => Volatile.Read(ref _isPending) == 1;

        private bool TryEnd() => Interlocked.Exchange(ref _isPending, 0) == 1;
    }
}

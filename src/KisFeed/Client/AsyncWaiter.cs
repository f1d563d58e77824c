using System.Threading.Tasks.Sources;

namespace KisFeed.Client;

/// <summary>
/// Wakes the single consumer of a queue when it waits. Does not allocate, unless a consumer cancels a wait and begins another.
/// </summary>
/// <param name="mayRunConsumer">Whether <see cref="SetHere"/> runs the consumer on the calling thread, rather than
/// on one of the thread pool.</param>
internal sealed class AsyncWaiter(bool mayRunConsumer = false)
{
    private Wait _wait = new();

    /// <summary>Whether <see cref="SetHere"/> runs the consumer on the calling thread.</summary>
    public bool MayRunConsumer => mayRunConsumer;

    /// <summary>Whether it is already in the <see cref="PendingWakeups"/>, which alone change this.</summary>
    public bool IsDue { get; set; }

    /// <summary>
    /// Begins to wait. Items enqueued from now on are signalled; the consumer then checks the queue once more for items enqueued
    /// just before, and signals them itself.
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

    /// <summary>Signals that the queue has an item. Can be called from any thread.</summary>
    public void Set() => Set(isHere: false);

    /// <summary>Signals that the queue has an item. The consumer may run within the call, so no lock may be held.</summary>
    public void SetHere() => Set(mayRunConsumer);

    private void Set(bool isHere)
    {
        // An item must be visible to a consumer that does not appear to be waiting.
        Interlocked.MemoryBarrier();
        Volatile.Read(ref _wait).End(isHere);
    }

    private sealed class Wait : IValueTaskSource<bool>
    {
        private ManualResetValueTaskSourceCore<bool> _source;
        private CancellationTokenRegistration _cancellation;
        private int _isPending;

        /// <summary>Whether no consumer waits with it, and the previous one has read its result.</summary>
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

        public void End(bool isHere)
        {
            if (!IsPending() || !TryEnd())
                return;
            _source.RunContinuationsAsynchronously = !isHere;
            _source.SetResult(true);
        }

        public void Cancel(CancellationToken token)
        {
            if (!TryEnd())
                return;
            _source.RunContinuationsAsynchronously = true;
            _source.SetException(new OperationCanceledException(token));
        }

        public bool GetResult(short token)
        {
            // Freed only after the result has been read; otherwise another wait could begin too early.
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

namespace KisFeed.Client;

/// <summary>
/// Lets a source that can be kept waiting, a cluster, wait for the reader of a tap before its queue overflows. A reader that is
/// too slow for that is waited for only once: then its queue overflows, as with a session, which cannot wait, and others get
/// their frames in time. Thread-safe.
/// </summary>
/// <param name="isAbove">Whether the queue is filled by more than one part of this number of parts.</param>
internal sealed class TapBackpressure(Func<int, bool> isAbove)
{
    /// <summary>How long a source waits until a queue that is half full is a quarter full.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private const int HighParts = 2;
    private const int LowParts = 4;

    private TaskCompletionSource? _drained;
    private volatile bool _isSlow;
    private volatile bool _isComplete;

    /// <summary>Whether the source should wait. Called once for a batch.</summary>
    public bool IsCongested => !_isSlow && !_isComplete && isAbove(HighParts);

    /// <summary>Waits until the reader has caught up, or is too slow.</summary>
    public async Task WaitAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var own = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var drained = Interlocked.CompareExchange(ref _drained, own, null) ?? own;
        OnRead();
        try
        {
            await drained.Task.WaitAsync(Limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _isSlow = true;
            Release();
        }
    }

    /// <summary>Something was read. Need not be called for each frame, but when the queue is empty.</summary>
    public void OnRead()
    {
        // Otherwise the reader could miss that a source begins to wait, and the source what was read.
        Interlocked.MemoryBarrier();
        if ((!_isSlow && Volatile.Read(ref _drained) is null) || (!_isComplete && isAbove(LowParts)))
            return;
        _isSlow = false;
        Release();
    }

    public void Complete()
    {
        _isComplete = true;
        Release();
    }

    private void Release() => Interlocked.Exchange(ref _drained, null)?.TrySetResult();
}

using System.Runtime.ExceptionServices;

namespace KisFeed.Client;

/// <summary>
/// A bounded queue of frames and events between the sessions, which never wait for it, and one reader. Events take no room and are never
/// dropped.
/// </summary>
/// <remarks>One writer, the sessions under their lock, and one reader.</remarks>
internal abstract class ItemQueue
{
    private const long MaxRetainedBytes = 4 << 20;

    private readonly AsyncWaiter _consumer;
    private readonly PendingWakeups? _pendingWakeups;
    private ExceptionDispatchInfo? _error;
    private volatile bool _isComplete;

    // Written by the sessions only.
    private long _written;
    private long _dropped;
    private long _malformed;

    /// <summary>Creates an empty queue.</summary>
    /// <param name="capacity">Maximum number of frames.</param>
    /// <param name="maxBytes">Maximum number of bytes, whatever the number of frames.</param>
    /// <param name="pendingWakeups">Wakes the reader after a batch of frames; if <see langword="null"/>, each frame wakes it.</param>
    /// <param name="mayDiscard">Whether the oldest frames are dropped.</param>
    /// <param name="mayRunReader">Whether the reader may run on the thread that wakes it.</param>
    protected ItemQueue(
        int capacity, long maxBytes, PendingWakeups? pendingWakeups, bool mayDiscard = false, bool mayRunReader = false)
    {
        Items = new SlabQueue(capacity, maxBytes, MaxRetainedBytes, mayDiscard);
        _consumer = new AsyncWaiter(mayRunReader);
        _pendingWakeups = pendingWakeups;
    }

    /// <summary>Frames enqueued, including dropped and malformed ones.</summary>
    public long Received => Volatile.Read(ref _written);

    /// <summary>Frames dropped because the queue was full.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public long Malformed => Volatile.Read(ref _malformed);

    /// <summary>Frames waiting to be read, including malformed ones.</summary>
    public int Depth => Items.Depth;

    /// <summary>
    /// Called on the reader's thread, outside every lock, when it has read everything and asks for more. <see langword="null"/> if nobody
    /// needs to know, as usual: a test waits for its consumers by it.
    /// </summary>
    public Action? ReaderWaits { get; set; }

    /// <summary>
    /// Whether the reader has asked for more since the last item was added. Only with <see cref="ReaderWaits"/>, which must call
    /// <see cref="MarkRead"/>; guarded by the lock of the sessions.
    /// </summary>
    public bool IsRead { get; private set; } = true;

    /// <summary>The item that was read last. For the reader only, and valid until it reads the next one.</summary>
    public ref readonly QueuedFrame Current => ref Items.Current;

    protected SlabQueue Items { get; }

    protected bool IsComplete => _isComplete;

    protected Exception? Error => _error?.SourceException;

    /// <summary>
    /// Completes the queue. The reader reads the remaining items and then gets the error, if there is one. Later calls have no effect.
    /// </summary>
    public virtual void Complete(Exception? error)
    {
        if (_isComplete)
            return;
        _error = error is null ? null : ExceptionDispatchInfo.Capture(error);
        _isComplete = true;
        _consumer.Set();
    }

    /// <summary>Throws the error that was passed to <see cref="Complete"/>. Call it once the queue is complete and empty.</summary>
    public void ThrowIfFailed() => _error?.Throw();

    /// <summary>The reader waits: sets <see cref="IsRead"/>, unless an item was just added. Under the lock of the sessions.</summary>
    public void MarkRead() => IsRead |= Items.IsEmpty;

    /// <summary>
    /// Waits until there may be an item to read; returns <see cref="WaitAtEndAsync"/> once the queue is complete and empty.
    /// </summary>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<bool>(cancellation);
        if (!Items.IsEmpty)
            return ValueTask.FromResult(true);

        // Nothing is enqueued into a complete queue, but an item may have been enqueued just before.
        if (_isComplete)
        {
            if (!Items.IsEmpty)
                return ValueTask.FromResult(true);
            ReaderWaits?.Invoke();
            return WaitAtEndAsync();
        }

        var wait = _consumer.WaitAsync(cancellation);
        if (!Items.IsEmpty || _isComplete)
            _consumer.Set();
        else
            ReaderWaits?.Invoke();
        return wait;
    }

    /// <summary>The result of waiting at the end: <see langword="false"/>, or an error.</summary>
    protected virtual ValueTask<bool> WaitAtEndAsync() => ValueTask.FromResult(false);

    protected void AddFrame(in QueuedFrame frame)
    {
        IsRead = false;
        Items.Add(frame);
        if (_pendingWakeups is null)
            _consumer.Set();
        else
            _pendingWakeups.Add(_consumer);
    }

    protected void AddEvent(in QueuedFrame item)
    {
        if (_isComplete)
            return;
        IsRead = false;
        Items.Add(item);
        _consumer.Set();
    }

    protected void CountReceived() => Volatile.Write(ref _written, _written + 1);

    protected void CountDropped(FeedTotals totals)
    {
        Volatile.Write(ref _dropped, _dropped + 1);
        totals.CountDropped();
    }

    protected void CountMalformed() => Volatile.Write(ref _malformed, _malformed + 1);
}

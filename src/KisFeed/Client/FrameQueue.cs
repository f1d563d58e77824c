using System.Runtime.ExceptionServices;
using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>
/// A bounded queue between the session and one consumer. The session never waits for it. Frames that do not fit are dropped by the chosen
/// policy, counted, and reported to the consumer as a gap at the exact position where they are missing. Interruptions are reported in their
/// positions too; they take no room and are never dropped.
/// </summary>
internal sealed class FrameQueue : IFrameReceiver
{
    private const long MaxRetainedBytes = 4 << 20;

    private readonly SlabQueue _items;
    private readonly AsyncWaiter _consumer = new();
    private readonly PendingWakeups? _pendingWakeups;
    private readonly OverflowPolicy _overflow;
    private readonly FeedTotals _totals;
    private readonly AsyncWaiter _producer = new();
    private readonly bool _isWaitedFor;
    private long _undecodable;
    private ExceptionDispatchInfo? _error;
    private volatile bool _isComplete;

    // Written by the session only: frames enqueued and dropped; the number of interruptions and the reason of the last; whether there was
    // one since the last frame, and whether it is the last item of the queue.
    private long _written;
    private long _dropped;
    private long _malformed;
    private int _interruptions;
    private GapReason _reason;
    private bool _isInterrupted;
    private bool _isOwnInterruption;
    private bool _isInterruptionQueued;
    private Gap? _upstream;

    // Written by the consumer only: the position read up to, and whether the current item is a readable frame.
    private long _read;
    private bool _isFrame;
    private int _interruptionsRead;
    private DateTimeOffset? _lastReadAt;
    private UpstreamGap? _upstreamRead;

    // Set by the session when newer frames displace a server's gap.
    private UpstreamGap? _upstreamDiscarded;

    /// <summary>Creates an empty queue.</summary>
    /// <param name="capacity">Maximum number of frames.</param>
    /// <param name="maxBytes">Maximum number of bytes, whatever the number of frames.</param>
    /// <param name="overflow">What is dropped when the queue is full.</param>
    /// <param name="totals">The feed's totals, which count everything as well.</param>
    /// <param name="pendingWakeups">Wakes the consumer after a batch of frames; if <see langword="null"/>, each frame wakes it.</param>
    public FrameQueue(
        int capacity, long maxBytes, OverflowPolicy overflow, FeedTotals? totals = null, PendingWakeups? pendingWakeups = null)
    {
        _items = new SlabQueue(capacity, maxBytes, MaxRetainedBytes, mayDiscard: overflow == OverflowPolicy.DropOldest);
        _overflow = overflow;
        _totals = totals ?? new FeedTotals();
        _pendingWakeups = pendingWakeups;
    }

    private FrameQueue(int capacity, long maxBytes, FeedTotals totals, PendingWakeups pendingWakeups)
        : this(capacity, maxBytes, OverflowPolicy.DropNewest, totals, pendingWakeups) =>
        _isWaitedFor = true;

    /// <summary>Creates a queue that drops nothing: its producer calls <see cref="WaitForRoomAsync"/> between frames.</summary>
    public static FrameQueue WithBackpressure(int capacity, long maxBytes, FeedTotals totals, PendingWakeups pendingWakeups) =>
        new(capacity, maxBytes, totals, pendingWakeups);

    /// <summary>Frames enqueued, including dropped and malformed ones.</summary>
    public long Received => Volatile.Read(ref _written);

    public long DroppedCount => Volatile.Read(ref _dropped);

    public long MalformedCount => Volatile.Read(ref _malformed) + Volatile.Read(ref _undecodable);

    /// <summary>Frames waiting to be read, including malformed ones.</summary>
    public int Depth => _items.Depth;

    /// <summary>The item that was read last. For the consumer only, and valid until it reads the next one.</summary>
    public ref readonly QueuedFrame Current => ref _items.Current;

    public bool HasLast => _items.HasKept;

    /// <summary>
    /// The last readable frame before the current item, kept because a gap may follow it. For the consumer only, and
    /// valid until it reads the next item.
    /// </summary>
    public ref readonly QueuedFrame Last => ref _items.Kept;

    /// <summary>
    /// Nothing to enqueue: the subscriber waits on the <see cref="SubscriptionHandle"/>, and the stream has no item for confirmations.
    /// </summary>
    public void Confirm(string session, DateTimeOffset at)
    {
    }

    public void Write(ReadOnlySpan<byte> bytes, in FrameShape shape, DateTimeOffset receivedAt)
    {
        var size = QueuedFrame.SizeOf(bytes.Length);
        if (!TryBeginWrite(size, out var sequence))
            return;
        _items.Add(new QueuedFrame(size, receivedAt)
        {
            Bytes = _items.Store(bytes),
            Shape = shape,
            Sequence = sequence,
            Interruptions = _interruptions,
            Reason = _reason,
        });
        if (_pendingWakeups is null)
            _consumer.Set();
        else
            _pendingWakeups.Add(_consumer);
    }

    public void Write(MalformedFrame malformed)
    {
        Volatile.Write(ref _malformed, _malformed + 1);
        var size = QueuedFrame.SizeOf(malformed.Raw.Length);
        if (!TryBeginWrite(size, out var sequence))
            return;
        _items.Add(new QueuedFrame(size, malformed.ReceivedAt)
        {
            Event = malformed,
            Sequence = sequence,
            Interruptions = _interruptions,
            Reason = _reason,
        });
        _consumer.Set();
    }

    /// <summary>
    /// Data may be missing between the last item and the next one. The consumer learns this as soon as it has read the queued items. Of
    /// several interruptions without a frame between them, only the first is reported.
    /// </summary>
    public void Interrupt(GapReason reason, DateTimeOffset at, bool isUpstream = false)
    {
        Interrupt(reason, isUpstream);
        if (_isComplete || _isInterruptionQueued)
            return;
        _isInterruptionQueued = true;
        _items.Add(new QueuedFrame(new Interruption { At = at, Reason = reason }));
        _consumer.Set();
    }

    /// <summary>Adds an event that says nothing of missing data. It takes no room.</summary>
    public void WriteMarker(FeedEvent marker)
    {
        if (_isComplete)
            return;
        _items.Add(new QueuedFrame(marker));
        _consumer.Set();
    }

    /// <summary>Waits until there is room, or the queue is complete. For one producer at a time.</summary>
    public async ValueTask WaitForRoomAsync(CancellationToken cancellation)
    {
        while (_items.IsFull && !_isComplete)
        {
            var wait = _producer.WaitAsync(cancellation);
            if (!_items.IsFull || _isComplete)
                _producer.Set();
            await wait.ConfigureAwait(false);
        }
    }

    /// <summary>Data may be missing between the last item and the next one. The consumer learns this together with the next item.</summary>
    public void Interrupt(GapReason reason) => Interrupt(reason, isUpstream: false);

    /// <summary>The server reported which data are missing between the last item and the next one. Takes no room in the queue.</summary>
    public void AddUpstreamGap(Gap gap)
    {
        Interrupt(gap.Reason, isUpstream: true);
        if (!_isComplete)
            _upstream = _upstream is null ? gap : _upstream.Join(gap);
    }

    private void Interrupt(GapReason reason, bool isUpstream)
    {
        if (_isComplete)
            return;
        _isOwnInterruption |= !isUpstream;
        if (_isInterrupted)
            return;
        _isInterrupted = true;
        _interruptions++;
        _reason = reason;
    }

    /// <summary>
    /// Completes the queue. The consumer reads the remaining items and then gets the error, if there is one. Later calls have no effect.
    /// </summary>
    public void Complete(Exception? error)
    {
        if (_isComplete)
            return;
        _error = error is null ? null : ExceptionDispatchInfo.Capture(error);
        _isComplete = true;
        _consumer.Set();
        _producer.Set();
    }

    /// <summary>Throws the error that was passed to <see cref="Complete"/>. Call it once the queue is complete and empty.</summary>
    public void ThrowIfFailed() => _error?.Throw();

    /// <summary>Counts a record that could not be decoded. Called by the consumer.</summary>
    public void CountUndecodable()
    {
        Volatile.Write(ref _undecodable, _undecodable + 1);
        _totals.CountUndecodable();
    }

    public void CountHandlerError() => _totals.CountHandlerError();

    /// <summary>
    /// Waits until there may be an item to read; returns <see langword="false"/> once the queue is complete and
    /// empty. For one consumer at a time.
    /// </summary>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<bool>(cancellation);
        if (!_items.IsEmpty)
            return ValueTask.FromResult(true);

        // Nothing is enqueued into a complete queue, but an item may have been enqueued just before.
        if (_isComplete)
            return ValueTask.FromResult(!_items.IsEmpty);
        var wait = _consumer.WaitAsync(cancellation);
        if (!_items.IsEmpty || _isComplete)
            _consumer.Set();
        return wait;
    }

    /// <summary>
    /// Dequeues the next item, and the gap before it if data are missing there. An interruption has no gap: what is missing
    /// is reported with the frame after it.
    /// </summary>
    public bool TryRead(out Gap? gap)
    {
        gap = null;

        // So nothing has to be stored for each frame just because a gap may follow it.
        if (_isFrame)
            _items.Keep();
        _isFrame = false;
        if (!_items.TryRead())
            return false;
        if (_items.Current.Event is UpstreamGap upstream)
        {
            // It precedes the frame that ends the gap.
            _upstreamRead = upstream;
            if (!_items.TryRead())
                return false;
        }

        ref readonly var item = ref _items.Current;
        if (item.Size == 0)
            return true;
        _isFrame = item.Event is null;
        if (item.Sequence != _read || item.Interruptions != _interruptionsRead)
            gap = GapBefore(item.Sequence, item.Interruptions, item.Reason, item.ReceivedAt);
        _read = item.Sequence + 1;
        _interruptionsRead = item.Interruptions;
        _lastReadAt = item.ReceivedAt;

        // The producer is not woken for each frame.
        if (_isWaitedFor && !_items.IsAbove(2))
            _producer.Set();
        return true;
    }

    /// <summary>The gap after the last item, if data are missing there. Call it once the queue is complete and empty.</summary>
    public Gap? ReadFinalGap()
    {
        var gap = _written == _read && _interruptions == _interruptionsRead ? null : GapBefore(_written, _interruptions, _reason, null);
        _read = _written;
        _interruptionsRead = _interruptions;
        return gap;
    }

    // Counts a frame. Returns whether it can be added: it was not dropped, and the queue is not complete.
    private bool TryBeginWrite(int size, out long sequence)
    {
        sequence = _written;
        if (_isComplete)
            return false;
        var wasOwnInterruption = _isOwnInterruption;
        _isInterrupted = _isOwnInterruption = false;
        Volatile.Write(ref _written, _written + 1);
        if (!HasRoomFor(size))
        {
            CountDropped();
            return false;
        }

        _isInterruptionQueued = false;
        if (_upstream is not null)
        {
            _items.Add(new QueuedFrame(new UpstreamGap(_upstream, IsWhole: !wasOwnInterruption)));
            _upstream = null;
        }

        return true;
    }

    private bool HasRoomFor(int size)
    {
        while (!_isWaitedFor && !_items.HasRoomFor(size))
        {
            if (_overflow == OverflowPolicy.DropNewest)
                return false;

            // What is left is being read.
            if (!_items.TryDiscard(out var oldest))
                return true;
            if (oldest.Event is UpstreamGap upstream)
                Volatile.Write(ref _upstreamDiscarded, upstream);
            else if (oldest.Size > 0)
                CountDropped();
        }

        return true;
    }

    private void CountDropped()
    {
        Volatile.Write(ref _dropped, _dropped + 1);
        _totals.CountDropped();
    }

    private Gap GapBefore(long sequence, int interruptions, GapReason reason, DateTimeOffset? to)
    {
        var why = interruptions == _interruptionsRead ? GapReason.QueueOverflow : reason;
        var gap = new Gap
        {
            Reason = why,
            Frames = sequence == _read ? null : sequence - _read,
            From = _lastReadAt,
            To = to,
        };
        if (DequeueUpstreamGap() is { } upstream)
            gap = upstream.IsWhole && sequence == _read ? upstream.Gap : gap.Join(upstream.Gap);
        _totals.CountGap(gap.Reason);
        return gap.EndingBefore(to);
    }

    // A server's gap counts as an interruption, so every one of these belongs to a gap.
    private UpstreamGap? DequeueUpstreamGap()
    {
        var upstream = _upstreamRead;
        _upstreamRead = null;
        if (Volatile.Read(ref _upstreamDiscarded) is null || Interlocked.Exchange(ref _upstreamDiscarded, null) is not { } discarded)
            return upstream;
        return upstream is null ? discarded with { IsWhole = false } : new UpstreamGap(discarded.Gap.Join(upstream.Gap), IsWhole: false);
    }

    /// <summary>A gap reported by the server, placed just before the frame that ends it.</summary>
    /// <param name="Gap">The gap, in the server's own time.</param>
    /// <param name="IsWhole">Whether the connection to the server was not lost at the same position.</param>
    private sealed record UpstreamGap(Gap Gap, bool IsWhole) : FeedEvent
    {
        private protected override string Description => Gap.ToString();
    }
}

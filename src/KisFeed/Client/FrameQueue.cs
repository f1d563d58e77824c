using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>
/// A bounded queue between the session and one consumer. The session never waits for it. Frames that do not fit are dropped by the chosen policy,
/// counted, and reported to the consumer as a gap at the exact position where they are missing. Interruptions are reported in their positions too;
/// they take no room and are never dropped.
/// </summary>
internal sealed class FrameQueue : IFrameReceiver
{
    private const long MaxRetainedBytes = 1 << 20;

    // Itself unbounded: this class enforces the bounds for frames, and never drops interruptions.
    private readonly ConcurrentQueue<QueuedFrame> _items = new();
    private readonly AsyncWaiter _consumer = new();
    private readonly PendingWakeups? _pendingWakeups;
    private readonly BufferPool _buffers;
    private readonly int _capacity;
    private readonly long _maxBytes;
    private readonly OverflowPolicy _overflow;
    private readonly FeedTotals _totals;
    private readonly AsyncWaiter _producer = new();
    private readonly bool _isWaitedFor;
    private long _undecodable;
    private ExceptionDispatchInfo? _error;
    private volatile bool _isComplete;

    // Written by the session only: frames enqueued and dropped; the number of interruptions and the reason of the last; whether there was one since
    // the last frame, and whether it is the last item of the queue.
    private long _written;
    private long _dropped;
    private long _malformed;
    private long _bytesIn;
    private int _interruptions;
    private GapReason _reason;
    private bool _isInterrupted;
    private bool _isOwnInterruption;
    private bool _isInterruptionQueued;
    private Gap? _upstream;

    // Written by the consumer only: items dequeued, the position read up to, and the last frame that it returned.
    private long _taken;
    private long _bytesOut;
    private long _read;
    private int _interruptionsRead;
    private DateTimeOffset? _lastReadAt;
    private UpstreamGap? _upstreamRead;

    // Set by the session when newer frames displace a server's gap.
    private UpstreamGap? _upstreamDiscarded;
    private QueuedFrame _last;

    /// <summary>Creates an empty queue.</summary>
    /// <param name="capacity">Maximum number of frames.</param>
    /// <param name="maxBytes">Maximum number of bytes, whatever the number of frames.</param>
    /// <param name="overflow">What is dropped when the queue is full.</param>
    /// <param name="totals">The feed's totals, which count everything as well.</param>
    /// <param name="pendingWakeups">Wakes the consumer after a batch of frames; if <see langword="null"/>, each frame wakes it.</param>
    public FrameQueue(int capacity, long maxBytes, OverflowPolicy overflow, FeedTotals? totals = null, PendingWakeups? pendingWakeups = null)
    {
        _capacity = capacity;
        _maxBytes = maxBytes;
        _overflow = overflow;
        _totals = totals ?? new FeedTotals();
        _pendingWakeups = pendingWakeups;
        _buffers = new BufferPool(MaxRetainedBytes);
    }

    private FrameQueue(int capacity, long maxBytes, FeedTotals totals, PendingWakeups pendingWakeups)
        : this(capacity, maxBytes, OverflowPolicy.DropNewest, totals, pendingWakeups) =>
        _isWaitedFor = true;

    /// <summary>Creates a queue that drops nothing: its producer calls <see cref="WaitForRoomAsync"/> between frames.</summary>
    public static FrameQueue WithBackpressure(int capacity, long maxBytes, FeedTotals totals, PendingWakeups pendingWakeups) => new(capacity, maxBytes, totals, pendingWakeups);

    /// <summary>Frames enqueued, including dropped and malformed ones.</summary>
    public long Received => Volatile.Read(ref _written);

    /// <summary>Frames dropped because the queue was full.</summary>
    public long DroppedCount => Volatile.Read(ref _dropped);

    /// <summary>Frames and records that could not be read.</summary>
    public long MalformedCount => Volatile.Read(ref _malformed) + Volatile.Read(ref _undecodable);

    /// <summary>Frames waiting to be read, including malformed ones.</summary>
    public int Depth
    {
        get
        {
            var gone = Volatile.Read(ref _taken) + DroppedCount;
            return (int)Math.Max(0, Received - gone);
        }
    }

    /// <summary>The last readable frame that was returned. For the consumer only, and valid until it returns the next one.</summary>
    public ref readonly QueuedFrame Last => ref _last;

    /// <summary>
    /// Nothing to enqueue: the subscriber waits on the <see cref="SubscriptionHandle"/>, and the stream has no item for confirmations.
    /// </summary>
    public void Confirm(string session, DateTimeOffset at)
    {
    }

    public void Write(ReadOnlySpan<byte> bytes, in FrameShape shape, DateTimeOffset receivedAt)
    {
        var buffer = _buffers.Rent(bytes.Length);
        bytes.CopyTo(buffer);
        Write(new QueuedFrame(_written, buffer, bytes.Length, shape, receivedAt, null, _interruptions, _reason));
        if (_pendingWakeups is null)
            _consumer.Set();
        else
            _pendingWakeups.Add(_consumer);
    }

    public void Write(MalformedFrame malformed)
    {
        Volatile.Write(ref _malformed, _malformed + 1);
        Write(new QueuedFrame(_written, [], 0, default, malformed.ReceivedAt, malformed, _interruptions, _reason));
        _consumer.Set();
    }

    /// <summary>
    /// Data may be missing between the last item and the next one. The consumer learns this as soon as it has read the queued items. Of several
    /// interruptions without a frame between them, only the first is reported.
    /// </summary>
    public void Interrupt(GapReason reason, DateTimeOffset at, bool isUpstream = false)
    {
        Interrupt(reason, isUpstream);
        if (_isComplete || _isInterruptionQueued)
            return;
        _isInterruptionQueued = true;
        _items.Enqueue(new QueuedFrame(_written, [], 0, default, at, new Interruption { At = at, Reason = reason }, _interruptions, _reason) { IsMarker = true });
        _consumer.Set();
    }

    /// <summary>Adds an event that says nothing of missing data. It takes no room.</summary>
    public void WriteMarker(FeedEvent marker, DateTimeOffset at)
    {
        if (_isComplete)
            return;
        _items.Enqueue(new QueuedFrame(_written, [], 0, default, at, marker, _interruptions, _reason) { IsMarker = true });
        _consumer.Set();
    }

    /// <summary>Waits until there is room, or the queue is complete. For one producer at a time.</summary>
    public async ValueTask WaitForRoomAsync(CancellationToken cancellation)
    {
        while (IsFull && !_isComplete)
        {
            var wait = _producer.WaitAsync(cancellation);
            if (!IsFull || _isComplete)
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

    /// <summary>Counts an exception of a callback.</summary>
    public void CountHandlerError() => _totals.CountHandlerError();

    /// <summary>
    /// Waits until there may be an item to read; returns <see langword="false"/> once the queue is complete and empty. For one consumer at a time.
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
    /// Dequeues the next item, and the gap before it if data are missing there. An interruption has no gap: what is missing is reported with the
    /// frame after it.
    /// </summary>
    public bool TryRead(out QueuedFrame item, out Gap? gap)
    {
        gap = null;
        if (!_items.TryDequeue(out item))
            return false;
        if (item.Event is UpstreamGap upstream)
        {
            // It precedes the frame that ends the gap.
            _upstreamRead = upstream;
            if (!_items.TryDequeue(out item))
                return false;
        }

        if (item.IsMarker)
            return true;
        Volatile.Write(ref _bytesOut, _bytesOut + item.Bytes);
        Volatile.Write(ref _taken, _taken + 1);
        if (item.Sequence != _read || item.Interruptions != _interruptionsRead)
            gap = GapBefore(item.Sequence, item.Interruptions, item.Reason, item.ReceivedAt);
        _read = item.Sequence + 1;
        _interruptionsRead = item.Interruptions;
        _lastReadAt = item.ReceivedAt;
        if (_isWaitedFor && IsHalfEmpty)
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

    /// <summary>
    /// The consumer returns an item it has finished with. A frame is kept as <see cref="Last"/>, and the buffer of the previous one goes back to the
    /// pool. Thus nothing has to be recorded for each frame just because a gap may follow it.
    /// </summary>
    public void Return(in QueuedFrame item)
    {
        if (item.Event is not null)
            return;
        if (_last.Buffer is { } buffer)
            _buffers.Return(buffer);
        _last = item;
    }

    private void Write(in QueuedFrame item)
    {
        if (_isComplete)
        {
            _buffers.Return(item.Buffer);
            return;
        }

        var wasOwnInterruption = _isOwnInterruption;
        _isInterrupted = _isOwnInterruption = false;
        var hasRoom = HasRoomFor(item.Bytes);
        _bytesIn += item.Bytes;
        Volatile.Write(ref _written, _written + 1);
        if (hasRoom)
        {
            _isInterruptionQueued = false;
            if (_upstream is not null)
            {
                _items.Enqueue(new QueuedFrame(item.Sequence, [], 0, default, default, new UpstreamGap(_upstream, IsWhole: !wasOwnInterruption), 0, default));
                _upstream = null;
            }

            _items.Enqueue(item);
        }
        else
        {
            Drop(item);
        }
    }

    private long QueuedBytes => Volatile.Read(ref _bytesIn) - Volatile.Read(ref _bytesOut);

    private bool IsFull => Depth >= _capacity || QueuedBytes >= _maxBytes;

    // The producer is not woken for each frame.
    private bool IsHalfEmpty => Depth <= _capacity / 2 && QueuedBytes <= _maxBytes / 2;

    // An empty queue accepts one frame of any size.
    private bool HasRoomFor(long bytes)
    {
        while (!_isWaitedFor && Depth is > 0 and var depth && (depth >= _capacity || _bytesIn - Volatile.Read(ref _bytesOut) + bytes > _maxBytes))
        {
            if (_overflow == OverflowPolicy.DropNewest)
                return false;

            // The consumer may have dequeued the last one without having counted it yet.
            if (!_items.TryDequeue(out var oldest))
                return true;
            if (oldest.Event is UpstreamGap upstream)
                Volatile.Write(ref _upstreamDiscarded, upstream);
            else if (!oldest.IsMarker)
                Drop(oldest);
        }

        return true;
    }

    private void Drop(in QueuedFrame item)
    {
        _bytesIn -= item.Bytes;
        Volatile.Write(ref _dropped, _dropped + 1);
        _totals.CountDropped();
        _buffers.Return(item.Buffer);
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

/// <summary>A frame or an event on its way to a consumer. The buffer returns to the pool some time after it has been read.</summary>
/// <param name="Sequence">Its sequence number in the queue, counting dropped ones; for an interruption, that of the next frame.</param>
/// <param name="Buffer">The buffer that holds its bytes.</param>
/// <param name="Length">The number of bytes.</param>
/// <param name="Shape">How its records are laid out.</param>
/// <param name="ReceivedAt">When it was received.</param>
/// <param name="Event">The event, unless the item is a readable frame.</param>
/// <param name="Interruptions">The number of interruptions before it.</param>
/// <param name="Reason">The reason of the last interruption.</param>
internal readonly record struct QueuedFrame(long Sequence, byte[] Buffer, int Length, FrameShape Shape, DateTimeOffset ReceivedAt, FeedEvent? Event, int Interruptions, GapReason Reason)
{
    public ReadOnlySpan<byte> Text => Buffer.AsSpan(0, Length);

    /// <summary>Whether this is an event of its own, rather than a received frame: it takes no room and has no number.</summary>
    public bool IsMarker { get; init; }

    /// <summary>Approximate memory size.</summary>
    public long Bytes => Event is MalformedFrame malformed ? malformed.Raw.Length : Buffer.Length;
}

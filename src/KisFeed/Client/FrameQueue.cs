using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// A bounded queue between the session and one consumer. The session never waits for it: what does not fit is dropped by the chosen
/// policy, counted, and told to the consumer as a gap in the very place where it is missing. That the flow of data was interrupted is told
/// in its place too, takes no frame's room and is never dropped for want of it.
/// </summary>
internal sealed class FrameQueue : IFrameReceiver
{
    private const long MaxRetainedBytes = 1 << 20;

    // Itself unbounded: what is dropped, and that an interruption is not, is decided here.
    private readonly ConcurrentQueue<QueuedFrame> _items = new();
    private readonly AsyncWaiter _consumer = new();
    private readonly PendingWakeups? _pendingWakeups;
    private readonly BufferPool _buffers;
    private readonly int _capacity;
    private readonly long _maxBytes;
    private readonly OverflowPolicy _overflow;
    private readonly FeedTotals _totals;
    private long _undecodable;
    private ExceptionDispatchInfo? _error;
    private volatile bool _isComplete;

    // The session's side, which alone writes these: what it has put in and dropped; how often the flow of data was interrupted and why the last
    // time, whether since the last frame, and whether that stands last in the queue.
    private long _written;
    private long _dropped;
    private long _malformed;
    private long _bytesIn;
    private int _interruptions;
    private GapReason _reason;
    private bool _isInterrupted;
    private bool _isOwnInterruption;
    private bool _isTold;
    private Gap? _upstream;

    // The consumer's side, which alone writes these: what it has taken out, up to where it has read, and the last frame that it has done with.
    private long _taken;
    private long _bytesOut;
    private long _read;
    private int _interruptionsRead;
    private DateTimeOffset? _lastReadAt;
    private UpstreamGap? _upstreamRead;

    // Handed over by the session's side when newer frames took the place of a server's gap.
    private UpstreamGap? _upstreamDiscarded;
    private QueuedFrame _last;

    /// <summary>An empty queue.</summary>
    /// <param name="capacity">Frames that it holds.</param>
    /// <param name="maxBytes">Bytes that it holds, whatever their number.</param>
    /// <param name="overflow">What is dropped where it is full.</param>
    /// <param name="totals">Where what is met is counted too.</param>
    /// <param name="pendingWakeups">Who wakes the consumer when frames have come; where there is none, each frame does.</param>
    public FrameQueue(int capacity, long maxBytes, OverflowPolicy overflow, FeedTotals? totals = null, PendingWakeups? pendingWakeups = null)
    {
        _capacity = capacity;
        _maxBytes = maxBytes;
        _overflow = overflow;
        _totals = totals ?? new FeedTotals();
        _pendingWakeups = pendingWakeups;
        _buffers = new BufferPool(MaxRetainedBytes);
    }

    /// <summary>Frames put in, dropped and malformed ones included.</summary>
    public long Received => Volatile.Read(ref _written);

    /// <summary>Frames dropped because the queue was full.</summary>
    public long DroppedCount => Volatile.Read(ref _dropped);

    /// <summary>Frames and records that could not be read.</summary>
    public long MalformedCount => Volatile.Read(ref _malformed) + Volatile.Read(ref _undecodable);

    /// <summary>Frames that wait to be read, malformed ones included.</summary>
    public int Depth
    {
        get
        {
            var gone = Volatile.Read(ref _taken) + DroppedCount;
            return (int)Math.Max(0, Received - gone);
        }
    }

    /// <summary>The last readable frame that was returned. For the consumer, until it returns the next one.</summary>
    public ref readonly QueuedFrame Last => ref _last;

    /// <summary>Who waits for it waits for the <see cref="SubscriptionHandle"/>; in the stream it would say nothing.</summary>
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
    /// Data may be missing between what was put in last and what is put in next, which the consumer learns as soon as it has read what is there.
    /// Of several interruptions without a frame between them the first is told.
    /// </summary>
    public void Interrupt(GapReason reason, DateTimeOffset at, bool isUpstream = false)
    {
        Interrupt(reason, isUpstream);
        if (_isComplete || _isTold)
            return;
        _isTold = true;
        _items.Enqueue(new QueuedFrame(_written, [], 0, default, at, new Interruption { At = at, Reason = reason }, _interruptions, _reason));
        _consumer.Set();
    }

    /// <summary>Data may be missing between what was put in last and what is put in next, which the consumer learns with the latter.</summary>
    public void Interrupt(GapReason reason) => Interrupt(reason, isUpstream: false);

    /// <summary>The server told what data are missing between what was put in last and what is put in next. Takes no frame's room.</summary>
    public void Miss(Gap gap)
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

    /// <summary>No more comes. A consumer reads what is left and then meets the error, if there is one. What is said later changes nothing.</summary>
    public void Complete(Exception? error)
    {
        if (_isComplete)
            return;
        _error = error is null ? null : ExceptionDispatchInfo.Capture(error);
        _isComplete = true;
        _consumer.Set();
    }

    /// <summary>Throws what <see cref="Complete"/> was given. To be asked once the queue is complete and empty.</summary>
    public void ThrowIfFailed() => _error?.Throw();

    /// <summary>A record could not be decoded. Told by the consumer's side.</summary>
    public void CountUndecodable()
    {
        Volatile.Write(ref _undecodable, _undecodable + 1);
        _totals.CountUndecodable();
    }

    /// <summary>A callback has thrown.</summary>
    public void CountHandlerError() => _totals.CountHandlerError();

    /// <summary>Waits until there may be something to read; <see langword="false"/> once the queue is complete and empty. For one consumer at a time.</summary>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<bool>(cancellation);
        if (!_items.IsEmpty)
            return ValueTask.FromResult(true);

        // Nothing is put into a complete queue, but something may have been just before.
        if (_isComplete)
            return ValueTask.FromResult(!_items.IsEmpty);
        var wait = _consumer.WaitAsync(cancellation);
        if (!_items.IsEmpty || _isComplete)
            _consumer.Set();
        return wait;
    }

    /// <summary>
    /// Takes the next item, and the gap that lies before it if something is missing there. An interruption has none: what is missing is
    /// told with the frame behind it.
    /// </summary>
    public bool TryRead(out QueuedFrame item, out Gap? gap)
    {
        gap = null;
        if (!_items.TryDequeue(out item))
            return false;
        if (item.Event is UpstreamGap upstream)
        {
            // It stands just before the frame that it ends with.
            _upstreamRead = upstream;
            if (!_items.TryDequeue(out item))
                return false;
        }

        if (item.IsInterruption)
            return true;
        Volatile.Write(ref _bytesOut, _bytesOut + item.Bytes);
        Volatile.Write(ref _taken, _taken + 1);
        if (item.Sequence != _read || item.Interruptions != _interruptionsRead)
            gap = GapBefore(item.Sequence, item.Interruptions, item.Reason, item.ReceivedAt);
        _read = item.Sequence + 1;
        _interruptionsRead = item.Interruptions;
        _lastReadAt = item.ReceivedAt;
        return true;
    }

    /// <summary>The gap behind the last item, if something is missing there. To be asked once the queue is complete and empty.</summary>
    public Gap? TakeFinalGap()
    {
        var gap = _written == _read && _interruptions == _interruptionsRead ? null : GapBefore(_written, _interruptions, _reason, null);
        _read = _written;
        _interruptionsRead = _interruptions;
        return gap;
    }

    /// <summary>
    /// The consumer has done with an item. A frame is kept as <see cref="Last"/> in place of the one before, whose buffer goes back: so nothing has to be
    /// noted of each frame for the sake of a gap that may follow it.
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
            _isTold = false;
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

    // However large, one frame fits an empty queue.
    private bool HasRoomFor(long bytes)
    {
        while (Depth is > 0 and var depth && (depth >= _capacity || _bytesIn - Volatile.Read(ref _bytesOut) + bytes > _maxBytes))
        {
            if (_overflow == OverflowPolicy.DropNewest)
                return false;

            // The consumer may just have taken the last one without having counted it yet.
            if (!_items.TryDequeue(out var oldest))
                return true;
            if (oldest.Event is UpstreamGap upstream)
                Volatile.Write(ref _upstreamDiscarded, upstream);
            else if (!oldest.IsInterruption)
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
        if (TakeUpstreamGap() is { } upstream)
            gap = upstream.IsWhole && sequence == _read ? upstream.Gap : gap.Join(upstream.Gap);
        _totals.CountGap(gap.Reason);
        return gap;
    }

    // A server's gap counts as an interruption, so that there is a gap wherever there is one of these.
    private UpstreamGap? TakeUpstreamGap()
    {
        var upstream = _upstreamRead;
        _upstreamRead = null;
        if (Volatile.Read(ref _upstreamDiscarded) is null || Interlocked.Exchange(ref _upstreamDiscarded, null) is not { } discarded)
            return upstream;
        return upstream is null ? discarded with { IsWhole = false } : new UpstreamGap(discarded.Gap.Join(upstream.Gap), IsWhole: false);
    }

    /// <summary>A gap that the server told of, just before the frame that it ends with.</summary>
    /// <param name="Gap">The gap.</param>
    /// <param name="IsWhole">Whether the connection to the server was not lost in the same place.</param>
    private sealed record UpstreamGap(Gap Gap, bool IsWhole) : FeedEvent
    {
        private protected override string Description => Gap.ToString();
    }
}

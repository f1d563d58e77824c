using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>
/// The queue of one subscription. Frames that do not fit are dropped by the chosen policy, counted, and reported to the consumer as a gap
/// at the exact position where they are missing. Interruptions are reported in their positions too.
/// </summary>
internal sealed class FrameQueue : ItemQueue, IFrameReceiver
{
    private readonly OverflowPolicy _overflow;
    private readonly FeedTotals _totals;
    private readonly AsyncWaiter _producer = new();
    private readonly bool _isWaitedFor;
    private long _undecodable;

    // Written by the session only: the number of interruptions and the reason of the last; whether there was one since the last frame,
    // and whether it is the last item of the queue.
    private int _interruptions;
    private GapReason _reason;
    private bool _isInterrupted;
    private bool _isOwnInterruption;
    private bool _isInterruptionQueued;
    private bool _isEvicted;
    private Gap? _upstream;

    // Written by the consumer only: the position read up to, and whether the current item is a readable frame.
    private long _read;
    private bool _isFrame;
    private int _interruptionsRead;
    private DateTimeOffset? _lastReadAt;
    private UpstreamGap? _upstreamRead;
    private long _missing;

    // The server's gaps that newer frames displaced, with the number of frames that the consumer reads before each. Also the lock that
    // guards them. Two at most: one before the batch that the consumer reads, one behind it.
    private readonly List<(long FramesBefore, UpstreamGap Gap)> _displaced = [];

    /// <summary>Creates an empty queue.</summary>
    /// <param name="capacity">Maximum number of frames.</param>
    /// <param name="maxBytes">Maximum number of bytes, whatever the number of frames.</param>
    /// <param name="overflow">What is dropped when the queue is full.</param>
    /// <param name="totals">The feed's totals, which count everything as well.</param>
    /// <param name="pendingWakeups">Wakes the consumer after a batch of frames; if <see langword="null"/>, each frame wakes it.</param>
    public FrameQueue(
        int capacity, long maxBytes, OverflowPolicy overflow, FeedTotals? totals = null, PendingWakeups? pendingWakeups = null)
        : base(capacity, maxBytes, pendingWakeups, mayDiscard: overflow == OverflowPolicy.DropOldest)
    {
        _overflow = overflow;
        _totals = totals ?? new FeedTotals();
    }

    private FrameQueue(int capacity, long maxBytes, FeedTotals totals, PendingWakeups pendingWakeups)
        : this(capacity, maxBytes, OverflowPolicy.DropNewest, totals, pendingWakeups) =>
        _isWaitedFor = true;

    /// <summary>Creates a queue that drops nothing: its producer calls <see cref="WaitForRoomAsync"/> between frames.</summary>
    public static FrameQueue WithBackpressure(int capacity, long maxBytes, FeedTotals totals, PendingWakeups pendingWakeups) =>
        new(capacity, maxBytes, totals, pendingWakeups);

    /// <summary>Records that the consumer could not decode.</summary>
    public long Undecodable => Volatile.Read(ref _undecodable);

    public bool HasLast => Items.HasKept;

    /// <summary>
    /// The last readable frame before the current item, kept because a gap may follow it. For the consumer only, and
    /// valid until it reads the next item.
    /// </summary>
    public ref readonly QueuedFrame Last => ref Items.Kept;

    /// <summary>
    /// Enqueues an item only after an eviction: the subscriber waits for the first confirmation on the <see cref="SubscriptionHandle"/>.
    /// </summary>
    public void Confirm(string session, DateTimeOffset at)
    {
        if (!_isEvicted)
            return;
        _isEvicted = false;
        _isInterruptionQueued = false;
        WriteMarker(new Restored { At = at, Session = session });
    }

    public void Evict(DateTimeOffset at)
    {
        if (_isEvicted)
            return;
        _isEvicted = true;
        Interrupt(GapReason.Evicted);
        WriteMarker(new Evicted { At = at });
    }

    public void Write(ReadOnlySpan<byte> bytes, in FrameShape shape, DateTimeOffset receivedAt)
    {
        var size = QueuedFrame.SizeOf(bytes.Length);
        if (!TryBeginWrite(size, out var sequence))
            return;
        AddFrame(new QueuedFrame(size, receivedAt)
        {
            Bytes = Items.Store(bytes),
            Shape = shape,
            Sequence = sequence,
            Interruptions = _interruptions,
            Reason = _reason,
        });
    }

    public void Write(MalformedFrame malformed)
    {
        CountMalformed();
        var size = QueuedFrame.SizeOf(malformed.Raw.Length);
        if (!TryBeginWrite(size, out var sequence))
            return;
        AddEvent(new QueuedFrame(size, malformed.ReceivedAt)
        {
            Event = malformed,
            Sequence = sequence,
            Interruptions = _interruptions,
            Reason = _reason,
        });
    }

    /// <summary>
    /// Data may be missing between the last item and the next one. The consumer learns this with the next item, or, if there is a time, as
    /// soon as it has read the queued items. Of several interruptions without a frame between them, only the first is reported.
    /// </summary>
    public void Interrupt(GapReason reason, DateTimeOffset? at = null, bool isUpstream = false)
    {
        if (IsComplete)
            return;
        _isOwnInterruption |= !isUpstream;
        if (!_isInterrupted)
        {
            _isInterrupted = true;
            _interruptions++;
            _reason = reason;
        }

        if (at is not { } reportedAt || _isInterruptionQueued)
            return;
        _isInterruptionQueued = true;
        WriteMarker(new Interruption { At = reportedAt, Reason = reason });
    }

    /// <summary>The server reported which data are missing between the last item and the next one. Takes no room in the queue.</summary>
    public void AddUpstreamGap(Gap gap)
    {
        Interrupt(gap.Reason, isUpstream: true);
        if (!IsComplete)
            _upstream = _upstream is null ? gap : _upstream.Join(gap);
    }

    /// <summary>Adds an event that says nothing of missing data. It takes no room.</summary>
    public void WriteMarker(FeedEvent marker) => AddEvent(new QueuedFrame(marker));

    /// <summary>Waits until there is room, or the queue is complete. For one producer at a time.</summary>
    public async ValueTask WaitForRoomAsync(CancellationToken cancellation)
    {
        while (Items.IsFull && !IsComplete)
        {
            var wait = _producer.WaitAsync(cancellation);
            if (!Items.IsFull || IsComplete)
                _producer.Set();
            await wait.ConfigureAwait(false);
        }
    }

    public override void Complete(Exception? error)
    {
        base.Complete(error);
        _producer.Set();
    }

    /// <summary>Counts a record that could not be decoded. Called by the consumer.</summary>
    public void CountUndecodable()
    {
        Volatile.Write(ref _undecodable, _undecodable + 1);
        _totals.CountUndecodable();
    }

    public void CountHandlerError() => _totals.CountHandlerError();

    /// <summary>
    /// Dequeues the next item, and the gap before it if data are missing there. An interruption has no gap: what is missing
    /// is reported with the frame after it.
    /// </summary>
    public bool TryRead(out Gap? gap)
    {
        gap = null;

        // So nothing has to be stored for each frame just because a gap may follow it.
        if (_isFrame)
            Items.Keep();
        _isFrame = false;
        if (!Items.TryRead())
            return false;
        if (Items.Current.Event is UpstreamGap upstream)
        {
            // It precedes the frame that ends the gap.
            _upstreamRead = upstream;
            if (!Items.TryRead())
                return false;
        }

        ref readonly var item = ref Items.Current;
        if (item.Size == 0)
            return true;
        _isFrame = item.Event is null;
        if (item.Sequence != _read || item.Interruptions != _interruptionsRead)
            gap = GapBefore(item.Sequence, item.Interruptions, item.Reason, item.ReceivedAt);
        _read = item.Sequence + 1;
        _interruptionsRead = item.Interruptions;
        _lastReadAt = item.ReceivedAt;

        // The producer is not woken for each frame.
        if (_isWaitedFor && !Items.IsAbove(2))
            _producer.Set();
        return true;
    }

    /// <summary>The gap after the last item, if data are missing there. Call it once the queue is complete and empty.</summary>
    public Gap? ReadFinalGap()
    {
        if (_upstream is { } last)
            _upstreamRead = new UpstreamGap(last, IsWhole: !_isOwnInterruption).After(_upstreamRead);
        var gap = Received == _read && _interruptions == _interruptionsRead ? null : GapBefore(Received, _interruptions, _reason, null);
        _read = Received;
        _interruptionsRead = _interruptions;
        return gap;
    }

    // Counts a frame. Returns whether it can be added: it was not dropped, and the queue is not complete.
    private bool TryBeginWrite(int size, out long sequence)
    {
        sequence = Received;
        if (IsComplete)
            return false;
        var wasOwnInterruption = _isOwnInterruption;
        _isInterrupted = _isOwnInterruption = false;
        CountReceived();
        if (!HasRoomFor(size))
        {
            CountDropped(_totals);
            return false;
        }

        _isInterruptionQueued = false;
        if (_upstream is not null)
        {
            Items.Add(new QueuedFrame(new UpstreamGap(_upstream, IsWhole: !wasOwnInterruption)) { Sequence = sequence });
            _upstream = null;
        }

        return true;
    }

    private bool HasRoomFor(int size)
    {
        if (_isWaitedFor || Items.HasRoomFor(size))
            return true;
        if (_overflow == OverflowPolicy.DropNewest)
            return false;

        // A consumer that reads what follows a displaced gap waits for it here.
        lock (_displaced)
        {
            // What cannot be discarded is being read.
            while (!Items.HasRoomFor(size) && Items.TryDiscard(out var oldest))
            {
                if (oldest.Event is UpstreamGap upstream)
                    Displace(oldest.Sequence - Dropped, upstream);
                else if (oldest.Size > 0)
                    CountDropped(_totals);
            }
        }

        return true;
    }

    private void Displace(long framesBefore, UpstreamGap gap)
    {
        if (_displaced is [.., var last] && last.FramesBefore == framesBefore)
            _displaced[^1] = (framesBefore, gap.After(last.Gap));
        else
            _displaced.Add((framesBefore, gap));
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
        _missing += sequence - _read;
        _totals.CountGap(gap.Reason);
        return gap.EndingBefore(to);
    }

    // A server's gap counts as an interruption, so every one of these belongs to a gap.
    private UpstreamGap? DequeueUpstreamGap()
    {
        var upstream = _upstreamRead;
        _upstreamRead = null;
        lock (_displaced)
        {
            if (_displaced is not [var (framesBefore, displaced), ..] || framesBefore > _read - _missing)
                return upstream;
            _displaced.RemoveAt(0);
            return upstream?.After(displaced) ?? displaced;
        }
    }

    /// <summary>A gap reported by the server, placed just before the frame that ends it.</summary>
    /// <param name="Gap">The gap, in the server's own time.</param>
    /// <param name="IsWhole">Whether the connection to the server was not lost at the same position.</param>
    private sealed record UpstreamGap(Gap Gap, bool IsWhole) : FeedEvent
    {
        private protected override string Description => Gap.ToString();

        public UpstreamGap After(UpstreamGap? earlier) =>
            earlier is null ? this : new UpstreamGap(earlier.Gap.Join(Gap), IsWhole: false);
    }
}

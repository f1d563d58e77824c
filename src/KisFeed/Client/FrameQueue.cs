using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// A bounded queue between the session and one consumer. The session never waits for it: what does not fit is dropped by the chosen
/// policy, counted, and told to the consumer as a gap in the very place where it is missing.
/// </summary>
internal sealed class FrameQueue
{
    private readonly Channel<QueuedFrame> _channel;
    private readonly BufferPool _buffers;
    private readonly long _maxBytes;
    private readonly OverflowPolicy _overflow;
    private long _bytes;
    private long _written;
    private long _read;
    private long _dropped;
    private long _malformed;
    private DateTimeOffset? _lastReadAt;
    private ExceptionDispatchInfo? _error;
    private GapReason? _interruption;
    private bool _isComplete;

    public FrameQueue(int capacity, long maxBytes, OverflowPolicy overflow)
    {
        _maxBytes = maxBytes;
        _overflow = overflow;
        _buffers = new BufferPool(Math.Min(capacity, 1024));
        _channel = Channel.CreateBounded<QueuedFrame>(
            new BoundedChannelOptions(capacity)
            {
                FullMode = overflow == OverflowPolicy.DropNewest ? BoundedChannelFullMode.DropWrite : BoundedChannelFullMode.DropOldest,
                SingleWriter = true,
            },
            Dropped);
    }

    /// <summary>Frames and events put in, dropped ones included.</summary>
    public long Received => Interlocked.Read(ref _written);

    /// <summary>Frames dropped because the queue was full.</summary>
    public long DroppedCount => Interlocked.Read(ref _dropped);

    /// <summary>Frames and records that could not be read.</summary>
    public long MalformedCount => Interlocked.Read(ref _malformed);

    public int Depth => _channel.Reader.Count;

    public void Write(ReadOnlySpan<byte> bytes, in FrameShape shape, DateTimeOffset receivedAt)
    {
        var buffer = _buffers.Rent(bytes.Length);
        bytes.CopyTo(buffer);
        Write(new QueuedFrame(_written, buffer, bytes.Length, shape, receivedAt, null, TakeInterruption()));
    }

    public void Write(MalformedFrame malformed)
    {
        CountMalformed();
        Write(new QueuedFrame(_written, [], 0, default, malformed.ReceivedAt, malformed, TakeInterruption()));
    }

    /// <summary>Data may be missing between what was put in last and what is put in next.</summary>
    public void Interrupt(GapReason reason, DateTimeOffset at) => _interruption ??= reason;

    /// <summary>No more comes. A consumer reads what is left and then meets the error, if there is one. What is said later changes nothing.</summary>
    public void Complete(Exception? error)
    {
        if (_isComplete)
            return;
        _isComplete = true;
        _error = error is null ? null : ExceptionDispatchInfo.Capture(error);
        _channel.Writer.TryComplete();
    }

    /// <summary>Throws what <see cref="Complete"/> was given. To be asked once the queue is complete and empty.</summary>
    public void ThrowIfFailed() => _error?.Throw();

    public void CountMalformed() => Interlocked.Increment(ref _malformed);

    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellation) => _channel.Reader.WaitToReadAsync(cancellation);

    /// <summary>Takes the next item, and the gap that lies before it if something is missing there.</summary>
    public bool TryRead(out QueuedFrame item, out Gap? gap)
    {
        gap = null;
        if (!_channel.Reader.TryRead(out item))
            return false;
        Interlocked.Add(ref _bytes, -item.Bytes);
        if (item.Sequence != _read)
            gap = GapOf(GapReason.QueueOverflow, item.Sequence - _read, item.ReceivedAt);
        else if (item.After is { } reason)
            gap = GapOf(reason, null, item.ReceivedAt);
        _read = item.Sequence + 1;
        _lastReadAt = item.ReceivedAt;
        return true;
    }

    /// <summary>The gap behind the last item, if something is missing there. To be asked once the queue is complete and empty.</summary>
    public Gap? TakeFinalGap()
    {
        var missing = _written - _read;
        _read = _written;
        if (missing > 0)
            return GapOf(GapReason.QueueOverflow, missing, null);
        return TakeInterruption() is { } reason ? GapOf(reason, null, null) : null;
    }

    public void Return(in QueuedFrame item) => _buffers.Return(item.Buffer);

    private void Write(in QueuedFrame item)
    {
        if (_isComplete)
        {
            _buffers.Return(item.Buffer);
            return;
        }

        Interlocked.Increment(ref _written);
        Interlocked.Add(ref _bytes, item.Bytes);
        if (HasRoom())
            _channel.Writer.TryWrite(item);
        else
            Dropped(item);
    }

    // However large, one frame fits an empty queue. The channel itself sees to their number.
    private bool HasRoom()
    {
        while (Interlocked.Read(ref _bytes) > _maxBytes && Depth > 0)
        {
            if (_overflow == OverflowPolicy.DropNewest)
                return false;
            if (_channel.Reader.TryRead(out var oldest))
                Dropped(oldest);
        }

        return true;
    }

    private void Dropped(QueuedFrame item)
    {
        Interlocked.Increment(ref _dropped);
        Interlocked.Add(ref _bytes, -item.Bytes);
        _buffers.Return(item.Buffer);
    }

    private GapReason? TakeInterruption()
    {
        var reason = _interruption;
        _interruption = null;
        return reason;
    }

    private Gap GapOf(GapReason reason, long? frames, DateTimeOffset? to) =>
        new() { Reason = reason, Frames = frames, From = _lastReadAt, To = to };
}

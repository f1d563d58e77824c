using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// A bounded queue between the sessions and the reader of a tap. A frame is taken or dropped as a whole, once, whatever registrations have records in it. Since
/// it is the newest that is dropped, everything is known when an item is written, and the reader finds gaps in their places. Events take no frame's room and are
/// never dropped.
/// </summary>
/// <remarks>One writer, the sessions under their lock, and one reader.</remarks>
internal sealed class TapQueue
{
    private const long MaxRetainedBytes = 4 << 20;

    private readonly ConcurrentQueue<TappedItem> _items = new();
    private readonly AsyncWaiter _consumer = new();
    private readonly PendingWakeups? _pendingWakeups;
    private readonly List<TapRegistration> _receiving = [];
    private readonly FrameTapOptions _options;
    private readonly TimeProvider _time;
    private readonly BufferPool _buffers;
    private volatile bool _isComplete;
    private Exception? _error;

    // The sessions' side, which alone writes these.
    private long _written;
    private long _dropped;
    private long _malformed;
    private long _bytesIn;

    // The reader's side, which alone writes these.
    private long _taken;
    private long _bytesOut;
    private byte[] _lent = [];

    /// <summary>An empty queue.</summary>
    /// <param name="options">How much it holds.</param>
    /// <param name="time">The clock of the events.</param>
    /// <param name="pendingWakeups">Who wakes the reader when frames have come; where there is none, each frame does.</param>
    public TapQueue(FrameTapOptions options, TimeProvider time, PendingWakeups? pendingWakeups = null)
    {
        _pendingWakeups = pendingWakeups;
        _options = options;
        _time = time;
        _buffers = new BufferPool(MaxRetainedBytes);
    }

    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>Frames put in, dropped and malformed ones included.</summary>
    public long Received => Volatile.Read(ref _written);

    /// <summary>Frames dropped because the queue was full.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Frames that could not be read.</summary>
    public long Malformed => Volatile.Read(ref _malformed);

    /// <summary>Frames that wait to be read, malformed ones included.</summary>
    public int Depth
    {
        get
        {
            var gone = Volatile.Read(ref _taken) + Dropped;
            return (int)Math.Max(0, Received - gone);
        }
    }

    /// <summary>The present frame is of this registration too. What becomes of it is decided once all have been named.</summary>
    public void Receive(TapRegistration hold)
    {
        if (!_isComplete)
            _receiving.Add(hold);
    }

    /// <summary>Takes or drops the present frame, if it is of any registration of this tap.</summary>
    public void EndFrame(ReadOnlySpan<byte> bytes, in FrameShape shape, DateTimeOffset receivedAt)
    {
        if (_receiving.Count == 0)
            return;
        var buffer = _buffers.Rent(bytes.Length);
        bytes.CopyTo(buffer);
        var first = _receiving[0];
        End(new TappedItem(buffer, bytes.Length, shape, receivedAt, first.Feed, null, first.Feed.IsNotice ? first.Key : null));
    }

    /// <summary>Takes or drops the present frame, which cannot be read, if it may be of any registration of this tap.</summary>
    public void EndFrame(MalformedFrame malformed)
    {
        if (_receiving.Count == 0)
            return;
        Volatile.Write(ref _malformed, _malformed + 1);
        End(new TappedItem([], 0, default, malformed.ReceivedAt, null, malformed, null));
    }

    /// <summary>Something has happened to a registration.</summary>
    public void Write(TapRegistration hold, FeedEvent happened) => Write(new TappedItem([], 0, default, default, hold.Feed, happened.ToldTo(hold.Feed, hold.Key), hold.Key));

    /// <summary>Something has happened to a session.</summary>
    public void Write(FeedEvent happened) => Write(new TappedItem([], 0, default, default, null, happened, null));

    /// <summary>No more comes. The reader takes what is left and then meets the error, if there is one. What is said later changes nothing.</summary>
    public void Complete(Exception? error)
    {
        if (_isComplete)
            return;
        _error = error;
        _isComplete = true;
        _consumer.Set();
    }

    /// <summary>Waits until there may be something to read. Once the queue is complete and empty: <see langword="false"/>, or the error.</summary>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<bool>(cancellation);
        if (!_items.IsEmpty)
            return ValueTask.FromResult(true);

        // Nothing is put into a complete queue, but something may have been just before.
        if (_isComplete)
            return _items.IsEmpty && _error is not null ? ValueTask.FromException<bool>(_error) : ValueTask.FromResult(!_items.IsEmpty);
        var wait = _consumer.WaitAsync(cancellation);
        if (!_items.IsEmpty || _isComplete)
            _consumer.Set();
        return wait;
    }

    /// <summary>Takes the next item. The bytes of the one before are no longer the reader's.</summary>
    public bool TryRead(out TappedItem item)
    {
        _buffers.Return(_lent);
        _lent = [];
        if (!_items.TryDequeue(out item))
            return false;
        if (!item.IsReceived)
            return true;
        _lent = item.Buffer;
        Volatile.Write(ref _bytesOut, _bytesOut + item.Bytes);
        Volatile.Write(ref _taken, _taken + 1);
        return true;
    }

    private void End(in TappedItem item)
    {
        var hasRoom = HasRoomFor(item.Bytes);
        var totals = _receiving[0].Totals;
        foreach (var hold in CollectionsMarshal.AsSpan(_receiving))
        {
            if (hasRoom)
                hold.Pass(item.ReceivedAt);
            else
                hold.Drop();
        }

        _receiving.Clear();
        Volatile.Write(ref _written, _written + 1);
        if (hasRoom)
        {
            _bytesIn += item.Bytes;
            _items.Enqueue(item);
            if (_pendingWakeups is null)
                _consumer.Set();
            else
                _pendingWakeups.Add(_consumer);
            return;
        }

        Volatile.Write(ref _dropped, _dropped + 1);
        totals.CountDropped();
        _buffers.Return(item.Buffer);
    }

    // However large, one frame fits an empty queue.
    private bool HasRoomFor(long bytes)
    {
        var depth = Depth;
        return depth == 0 || (depth < _options.Capacity && _bytesIn - Volatile.Read(ref _bytesOut) + bytes <= _options.MaxBytes);
    }

    private void Write(in TappedItem item)
    {
        if (_isComplete)
            return;
        _items.Enqueue(item);
        _consumer.Set();
    }
}

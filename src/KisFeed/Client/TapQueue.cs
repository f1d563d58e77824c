using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>
/// A bounded queue between the sessions and the reader of a tap. A frame is accepted or dropped as a whole, once, whatever registrations have records
/// in it. Because the newest frame is dropped, everything is known when an item is written, and gaps are enqueued at their positions. Events take no
/// room and are never dropped.
/// </summary>
/// <remarks>One writer, the sessions under their lock, and one reader.</remarks>
internal sealed class TapQueue
{
    private const long MaxRetainedBytes = 4 << 20;
    private const long FramesBetweenChecks = 64;

    private readonly ConcurrentQueue<TappedItem> _items = new();
    private readonly AsyncWaiter _consumer;
    private readonly PendingWakeups? _pendingWakeups;
    private readonly List<TapRegistration> _receiving = [];
    private readonly FrameTapOptions _options;
    private readonly ReceiveClock _clock;
    private readonly BufferPool _buffers;
    private volatile bool _isComplete;
    private Exception? _error;

    // Written by the sessions only.
    private long _written;
    private long _dropped;
    private long _malformed;
    private long _bytesIn;

    // Written by the reader only.
    private long _taken;
    private long _bytesOut;
    private byte[] _currentBuffer = [];

    /// <summary>Creates an empty queue.</summary>
    /// <param name="options">The limits of the queue.</param>
    /// <param name="clock">The clock for events.</param>
    /// <param name="pendingWakeups">Wakes the reader after a batch of frames; if <see langword="null"/>, each frame wakes it.</param>
    public TapQueue(FrameTapOptions options, ReceiveClock clock, PendingWakeups? pendingWakeups = null)
    {
        _consumer = new AsyncWaiter(options.MayRunReader);
        _pendingWakeups = pendingWakeups;
        _options = options;
        _clock = clock;
        _buffers = new BufferPool(MaxRetainedBytes);
        Backpressure = new TapBackpressure(IsAbove);
    }

    /// <summary>For a source that can be kept waiting.</summary>
    public TapBackpressure Backpressure { get; }

    /// <summary>The time of the next event.</summary>
    public DateTimeOffset Now => _clock.EventAt();

    /// <summary>Frames enqueued, including dropped and malformed ones.</summary>
    public long Received => Volatile.Read(ref _written);

    /// <summary>Frames dropped because the queue was full.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Frames that could not be read.</summary>
    public long Malformed => Volatile.Read(ref _malformed);

    /// <summary>Frames waiting to be read, including malformed ones.</summary>
    public int Depth
    {
        get
        {
            var gone = Volatile.Read(ref _taken) + Dropped;
            return (int)Math.Max(0, Received - gone);
        }
    }

    /// <summary>The current frame also belongs to this registration. Whether it is accepted is decided once all registrations are named.</summary>
    public void Receive(TapRegistration registration)
    {
        if (!_isComplete)
            _receiving.Add(registration);
    }

    /// <summary>Accepts or drops the current frame, if it belongs to a registration of this tap.</summary>
    public void EndFrame(ReadOnlySpan<byte> bytes, in FrameShape shape, DateTimeOffset receivedAt)
    {
        if (_receiving.Count == 0)
            return;
        var buffer = _buffers.Rent(bytes.Length);
        bytes.CopyTo(buffer);
        var first = _receiving[0];
        End(new TappedItem(buffer, bytes.Length, shape, receivedAt, first.Feed, null, first.Feed.IsNotice ? first.Key : null));
    }

    /// <summary>Accepts or drops the current frame, which cannot be read, if it may belong to a registration of this tap.</summary>
    public void EndFrame(MalformedFrame malformed)
    {
        if (_receiving.Count == 0)
            return;
        Volatile.Write(ref _malformed, _malformed + 1);
        End(new TappedItem([], 0, default, malformed.ReceivedAt, null, malformed, null));
    }

    /// <summary>Enqueues an event of a registration.</summary>
    public void Write(TapRegistration registration, FeedEvent feedEvent) => Write(new TappedItem([], 0, default, default, registration.Feed, feedEvent.AddressedTo(registration.Feed, registration.Key), registration.Key));

    /// <summary>Enqueues an event of a session.</summary>
    public void Write(FeedEvent feedEvent) => Write(new TappedItem([], 0, default, default, null, feedEvent, null));

    /// <summary>
    /// Completes the queue. The reader reads the remaining items and then gets the error, if there is one. Later calls have no effect.
    /// </summary>
    public void Complete(Exception? error)
    {
        if (_isComplete)
            return;
        _error = error;
        _isComplete = true;
        Backpressure.Complete();
        _consumer.Set();
    }

    /// <summary>
    /// Waits until there may be an item to read. Once the queue is complete and empty, returns <see langword="false"/> or throws the error.
    /// </summary>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<bool>(cancellation);
        if (!_items.IsEmpty)
            return ValueTask.FromResult(true);

        // Nothing is enqueued into a complete queue, but an item may have been enqueued just before.
        if (_isComplete)
            return _items.IsEmpty && _error is not null ? ValueTask.FromException<bool>(_error) : ValueTask.FromResult(!_items.IsEmpty);
        var wait = _consumer.WaitAsync(cancellation);
        if (!_items.IsEmpty || _isComplete)
            _consumer.Set();
        return wait;
    }

    /// <summary>Dequeues the next item. Invalidates the bytes of the previous one.</summary>
    public bool TryRead(out TappedItem item)
    {
        _buffers.Return(_currentBuffer);
        _currentBuffer = [];
        if (!_items.TryDequeue(out item))
        {
            Backpressure.OnRead();
            return false;
        }

        if (!item.IsReceived)
            return true;
        _currentBuffer = item.Buffer;
        Volatile.Write(ref _bytesOut, _bytesOut + item.Bytes);
        Volatile.Write(ref _taken, _taken + 1);
        if (_taken % FramesBetweenChecks == 0)
            Backpressure.OnRead();
        return true;
    }

    private void End(in TappedItem item)
    {
        var hasRoom = HasRoomFor(item.Bytes);
        var totals = _receiving[0].Totals;
        foreach (var registration in CollectionsMarshal.AsSpan(_receiving))
        {
            if (hasRoom)
                registration.Accept(item.ReceivedAt, isReadable: item.Event is null);
            else
                registration.Drop();
        }

        _receiving.Clear();
        Volatile.Write(ref _written, _written + 1);
        if (hasRoom)
        {
            Volatile.Write(ref _bytesIn, _bytesIn + item.Bytes);
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

    // An empty queue accepts one frame of any size.
    private bool HasRoomFor(long bytes)
    {
        var depth = Depth;
        return depth == 0 || (depth < _options.Capacity && _bytesIn - Volatile.Read(ref _bytesOut) + bytes <= _options.MaxBytes);
    }

    private bool IsAbove(int parts) => Depth > _options.Capacity / parts || Volatile.Read(ref _bytesIn) - Volatile.Read(ref _bytesOut) > _options.MaxBytes / parts;

    private void Write(in TappedItem item)
    {
        if (_isComplete)
            return;
        _items.Enqueue(item);
        _consumer.Set();
    }
}

/// <summary>Fills the queues of taps. The client's sessions are one.</summary>
internal interface ITapSource
{
    /// <summary>The totals of all consumers of a feed.</summary>
    FeedTotals TotalsOf(FeedSchema feed);

    /// <summary>Attaches to a registration and creates it if necessary. Returns once it is confirmed.</summary>
    Task<ISubscriptionSource> AttachAsync(FeedSchema feed, string key, IFrameReceiver receiver, CancellationToken cancellationToken);

    /// <summary>Closes a tap. Returns once its registrations are released, except those that others use.</summary>
    Task CloseTapAsync(TapQueue tap, IReadOnlyCollection<ISubscriptionSource> attached);
}

/// <summary>A frame or an event on its way to the reader of a tap.</summary>
/// <param name="Buffer">The buffer that holds a frame's bytes; it returns to the pool some time after it has been read.</param>
/// <param name="Length">The number of bytes.</param>
/// <param name="Shape">How its records are laid out.</param>
/// <param name="ReceivedAt">When it was received.</param>
/// <param name="Feed">The feed of the frame or event.</param>
/// <param name="Event">The event, unless the item is a readable frame.</param>
/// <param name="Key">The key of the registration that the event or the order notice belongs to.</param>
internal readonly record struct TappedItem(byte[] Buffer, int Length, FrameShape Shape, DateTimeOffset ReceivedAt, FeedSchema? Feed, FeedEvent? Event, string? Key)
{
    /// <summary>Whether it was received and therefore takes room.</summary>
    public bool IsReceived => Event is null or MalformedFrame;

    /// <summary>Approximate memory size.</summary>
    public long Bytes => Event is MalformedFrame malformed ? malformed.Raw.Length : Buffer.Length;
}

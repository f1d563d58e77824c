using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>
/// A bounded queue between the sessions and the reader of a tap. A frame is accepted or dropped as a whole, once, whatever registrations
/// have records in it. Because the newest frame is dropped, everything is known when an item is written, and gaps are enqueued at their
/// positions. Events take no room and are never dropped.
/// </summary>
/// <remarks>One writer, the sessions under their lock, and one reader.</remarks>
internal sealed class TapQueue
{
    private const long MaxRetainedBytes = 4 << 20;
    private const long FramesBetweenChecks = 64;

    private readonly SlabQueue _items;
    private readonly AsyncWaiter _consumer;
    private readonly PendingWakeups? _pendingWakeups;
    private readonly List<TapRegistration> _receiving = [];
    private readonly ReceiveClock _clock;
    private volatile bool _isComplete;
    private Exception? _error;

    // Written by the sessions only.
    private long _written;
    private long _dropped;
    private long _malformed;

    // Written by the reader only.
    private long _taken;

    /// <summary>Creates an empty queue.</summary>
    /// <param name="options">The limits of the queue.</param>
    /// <param name="clock">The clock for events.</param>
    /// <param name="pendingWakeups">Wakes the reader after a batch of frames; if <see langword="null"/>, each frame wakes it.</param>
    public TapQueue(FrameTapOptions options, ReceiveClock clock, PendingWakeups? pendingWakeups = null)
    {
        _consumer = new AsyncWaiter(options.MayRunReader);
        _pendingWakeups = pendingWakeups;
        _clock = clock;
        _items = new SlabQueue(options.Capacity, options.MaxBytes, MaxRetainedBytes);
        Backpressure = new TapBackpressure(_items.IsAbove);
    }

    /// <summary>For a source that can be kept waiting.</summary>
    public TapBackpressure Backpressure { get; }

    public DateTimeOffset Now => _clock.EventAt();

    /// <summary>Frames enqueued, including dropped and malformed ones.</summary>
    public long Received => Volatile.Read(ref _written);

    /// <summary>Frames dropped because the queue was full.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public long Malformed => Volatile.Read(ref _malformed);

    /// <summary>Frames waiting to be read, including malformed ones.</summary>
    public int Depth => _items.Depth;

    /// <summary>The item that was read last. For the reader only, and valid until it reads the next one.</summary>
    public ref readonly QueuedFrame Current => ref _items.Current;

    /// <summary>
    /// The current frame also belongs to this registration. Whether it is accepted is decided once all registrations are named.
    /// </summary>
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
        var (feed, key) = (_receiving[0].Feed, _receiving[0].Key);
        var size = QueuedFrame.SizeOf(bytes.Length);
        if (TryBeginWrite(size, receivedAt, isReadable: true))
        {
            Enqueue(new QueuedFrame(size, receivedAt)
            {
                Bytes = _items.Store(bytes),
                Shape = shape,
                Feed = feed,
                Key = feed.IsNotice ? key : null,
            });
        }
    }

    /// <summary>Accepts or drops the current frame, which cannot be read, if it may belong to a registration of this tap.</summary>
    public void EndFrame(MalformedFrame malformed)
    {
        if (_receiving.Count == 0)
            return;
        Volatile.Write(ref _malformed, _malformed + 1);
        var size = QueuedFrame.SizeOf(malformed.Raw.Length);
        if (TryBeginWrite(size, malformed.ReceivedAt, isReadable: false))
            Enqueue(new QueuedFrame(size, malformed.ReceivedAt) { Event = malformed });
    }

    public void Write(TapRegistration registration, FeedEvent feedEvent) =>
        Write(new QueuedFrame(feedEvent.AddressedTo(registration.Feed, registration.Key))
        {
            Feed = registration.Feed,
            Key = registration.Key,
        });

    public void Write(FeedEvent feedEvent) => Write(new QueuedFrame(feedEvent));

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

    /// <summary>Moves to the next item, which then is the <see cref="Current"/> one.</summary>
    public bool TryRead()
    {
        if (!_items.TryRead())
        {
            Backpressure.OnRead();
            return false;
        }

        if (_items.Current.Size > 0 && ++_taken % FramesBetweenChecks == 0)
            Backpressure.OnRead();
        return true;
    }

    // Counts a frame. Returns whether it can be added.
    private bool TryBeginWrite(int size, DateTimeOffset receivedAt, bool isReadable)
    {
        var hasRoom = _items.HasRoomFor(size);
        var totals = _receiving[0].Totals;
        foreach (var registration in CollectionsMarshal.AsSpan(_receiving))
        {
            if (hasRoom)
                registration.Accept(receivedAt, isReadable);
            else
                registration.Drop();
        }

        _receiving.Clear();
        Volatile.Write(ref _written, _written + 1);
        if (hasRoom)
            return true;
        Volatile.Write(ref _dropped, _dropped + 1);
        totals.CountDropped();
        return false;
    }

    private void Enqueue(in QueuedFrame frame)
    {
        _items.Add(frame);
        if (_pendingWakeups is null)
            _consumer.Set();
        else
            _pendingWakeups.Add(_consumer);
    }

    private void Write(in QueuedFrame item)
    {
        if (_isComplete)
            return;
        _items.Add(item);
        _consumer.Set();
    }
}

/// <summary>Fills the queues of taps. The client's sessions are one.</summary>
internal interface ITapSource
{
    FeedTotals TotalsOf(FeedSchema feed);

    /// <summary>Attaches to a registration and creates it if necessary. Returns once it is confirmed.</summary>
    Task<ISubscriptionSource> AttachAsync(FeedSchema feed, string key, IFrameReceiver receiver, CancellationToken cancellationToken);

    /// <summary>Closes a tap. Returns once its registrations are released, except those that others use.</summary>
    Task CloseTapAsync(TapQueue tap, IReadOnlyCollection<ISubscriptionSource> attached);
}

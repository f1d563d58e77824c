using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>
/// The queue of a tap. A frame is accepted or dropped as a whole, once, whatever registrations have records in it. Because the newest frame
/// is dropped, everything is known when an item is written, and gaps are enqueued at their positions.
/// </summary>
internal sealed class TapQueue : ItemQueue
{
    private const long FramesBetweenChecks = 64;

    private readonly List<TapRegistration> _receiving = [];
    private readonly ReceiveClock _clock;

    // Written by the reader only.
    private long _taken;

    /// <summary>Creates an empty queue.</summary>
    /// <param name="options">The limits of the queue.</param>
    /// <param name="clock">The clock for events.</param>
    /// <param name="pendingWakeups">Wakes the reader after a batch of frames; if <see langword="null"/>, each frame wakes it.</param>
    public TapQueue(FrameTapOptions options, ReceiveClock clock, PendingWakeups? pendingWakeups = null)
        : base(options.Capacity, options.MaxBytes, pendingWakeups, mayRunReader: options.MayRunReader)
    {
        _clock = clock;
        Backpressure = new TapBackpressure(Items.IsAbove);
    }

    /// <summary>For a source that can be kept waiting.</summary>
    public TapBackpressure Backpressure { get; }

    public DateTimeOffset Now => _clock.EventAt();

    /// <summary>
    /// The current frame also belongs to this registration. Whether it is accepted is decided once all registrations are named.
    /// </summary>
    public void Receive(TapRegistration registration)
    {
        if (!IsComplete)
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
            AddFrame(new QueuedFrame(size, receivedAt)
            {
                Bytes = Items.Store(bytes),
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
        CountMalformed();
        var size = QueuedFrame.SizeOf(malformed.Raw.Length);
        if (TryBeginWrite(size, malformed.ReceivedAt, isReadable: false))
            AddFrame(new QueuedFrame(size, malformed.ReceivedAt) { Event = malformed });
    }

    public void Write(TapRegistration registration, FeedEvent feedEvent) =>
        Write(feedEvent.AddressedTo(registration.Feed, registration.Key));

    public void Write(FeedEvent feedEvent) => AddEvent(new QueuedFrame(feedEvent));

    public override void Complete(Exception? error)
    {
        base.Complete(error);
        Backpressure.Complete();
    }

    /// <summary>Moves to the next item, which then is the <see cref="ItemQueue.Current"/> one.</summary>
    public bool TryRead()
    {
        if (!Items.TryRead())
        {
            Backpressure.OnRead();
            return false;
        }

        if (Items.Current.Size > 0 && ++_taken % FramesBetweenChecks == 0)
            Backpressure.OnRead();
        return true;
    }

    protected override ValueTask<bool> WaitAtEndAsync() =>
        Error is { } error ? ValueTask.FromException<bool>(error) : base.WaitAtEndAsync();

    // Counts a frame. Returns whether it can be added.
    private bool TryBeginWrite(int size, DateTimeOffset receivedAt, bool isReadable)
    {
        var hasRoom = Items.HasRoomFor(size);
        var totals = _receiving[0].Totals;
        foreach (var registration in CollectionsMarshal.AsSpan(_receiving))
        {
            if (hasRoom)
                registration.Accept(receivedAt, isReadable);
            else
                registration.Drop();
        }

        _receiving.Clear();
        CountReceived();
        if (!hasRoom)
            CountDropped(totals);
        return hasRoom;
    }
}

/// <summary>Fills the queues of taps. The client's sessions are one.</summary>
internal interface ITapSource
{
    FeedTotals TotalsOf(FeedSchema feed);

    /// <summary>Attaches to a registration and creates it if necessary. Returns once it is confirmed.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key.</param>
    /// <param name="receiver">Receives its frames and events.</param>
    /// <param name="priority"><see cref="SubscribeOptions.Priority"/>; only sessions have priorities.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task<ISubscriptionSource> AttachAsync(
        FeedSchema feed, string key, IFrameReceiver receiver, int priority, CancellationToken cancellationToken);

    /// <summary>Completes a receiver that could not be attached. Does nothing if it is complete.</summary>
    void Complete(IFrameReceiver receiver, Exception error);

    /// <summary>Closes a tap. Returns once its registrations are released, except those that others use.</summary>
    Task CloseTapAsync(TapQueue tap, IReadOnlyCollection<ISubscriptionSource> attached);
}

using System.Runtime.CompilerServices;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// One consumer of many registrations: every frame once, in the order of receipt over all feeds and keys, however many of its registrations have records in it.
/// Events stand in their places: what becomes of registrations and sessions, gaps, interruptions, malformed frames. A registration may be shared with
/// subscriptions and other taps.
/// </summary>
/// <remarks>
/// <para>Registrations are added and removed from any thread; reading is for one at a time. The queue is bounded by <see cref="FrameTapOptions"/>. What does not fit is
/// dropped as a whole as it arrives, and a <see cref="Gap"/> of each registration that it was of stands before the next frame of that registration that got in, or at the
/// registration's end where none did. Events are never dropped; malformed frames are as frames are.</para>
/// <para>A frame with records of several keys counts in the gap of each of them, and once in <see cref="Dropped"/>. <see cref="Gap.MissedVolume"/> is not told here: nothing is
/// decoded, and who keeps the frames can compute it from them.</para>
/// </remarks>
public sealed class FrameTap : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ClientRuntime _host;
    private readonly TapQueue _queue;
    private readonly FeedCatalog _catalog;
    private readonly KisEnvironment _environment;
    private readonly CancellationTokenSource _disposal = new();
    private readonly Dictionary<(string TrId, string Key), TapRegistration> _holds = [];
    private Task? _disposing;
    private int _readers;

    internal FrameTap(ClientRuntime host, TapQueue queue, FeedCatalog catalog, KisEnvironment environment)
    {
        _host = host;
        _queue = queue;
        _catalog = catalog;
        _environment = environment;
    }

    /// <summary>Frames received, each once, dropped and malformed ones included.</summary>
    public long Received => _queue.Received;

    /// <summary>Frames dropped because the reader was too slow.</summary>
    public long Dropped => _queue.Dropped;

    /// <summary>Frames that could not be read, dropped ones included.</summary>
    public long Malformed => _queue.Malformed;

    /// <summary>Frames that wait to be read.</summary>
    public int QueueDepth => _queue.Depth;

    /// <summary>Adds a key of a feed. Returns once the server has acknowledged; while there is no connection, that is once there is one again.</summary>
    /// <param name="feed">The feed, from <see cref="KisFeedClient.Catalog"/>.</param>
    /// <param name="key">The key within the feed; its case is kept.</param>
    /// <param name="cancellationToken">Ends the wait; nothing stays registered then.</param>
    /// <exception cref="ArgumentException">The key is empty, or has blanks around it or control characters in it.</exception>
    /// <exception cref="InvalidOperationException">The tap has it already, or is adding it.</exception>
    /// <exception cref="SubscribeRefusedException">The server refused. That stands among the items too.</exception>
    /// <exception cref="SubscribeTimeoutException">The server did not answer. That stands among the items too.</exception>
    /// <exception cref="RegistrationLimitException">The session is full; nothing was sent.</exception>
    /// <exception cref="FeedNotAvailableException">The mock service does not have the feed; nothing was sent.</exception>
    /// <exception cref="ConnectionLostException">The session is over, and none is made anew.</exception>
    /// <exception cref="ObjectDisposedException">The tap or the client was disposed.</exception>
    public async Task AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(feed);
        FeedKey.Validate(feed, key);
        var known = FeedAvailability.Find(_catalog, feed, _environment);
        var hold = Reserve(known, key);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposal.Token);
        SubscriptionHandle handle;
        try
        {
            handle = await _host.AttachAsync(known, key, hold, either.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            End(hold);
            cancellationToken.ThrowIfCancellationRequested();
            if (e is OperationCanceledException)
                throw new ObjectDisposedException(nameof(FrameTap), "the tap was disposed while a registration was being added");
            throw;
        }

        lock (_gate)
        {
            hold.SubscriptionHandle = handle;
            if (_disposing is null)
                return;
        }

        await _host.DetachAsync(handle, CancellationToken.None).ConfigureAwait(false);
        throw new ObjectDisposedException(nameof(FrameTap), "the tap was disposed while a registration was being added");
    }

    /// <summary>
    /// Removes a key of a feed, of which no frame comes from now on. Returns once the server has confirmed the release, or at once where others keep the registration.
    /// Nothing happens where the tap does not have it; what is being added ends with the token that <see cref="AddAsync"/> was given.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="cancellationToken">Ends the wait; the registration is released all the same.</param>
    public Task RemoveAsync(FeedSchema feed, string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(feed);
        var known = FeedAvailability.Find(_catalog, feed, _environment);
        SubscriptionHandle? handle;
        lock (_gate)
            handle = _holds.GetValueOrDefault((known.TrId, key))?.SubscriptionHandle;
        return handle is null ? Task.CompletedTask : _host.DetachAsync(handle, cancellationToken);
    }

    /// <summary>Waits for an item.</summary>
    /// <returns>Whether <see cref="TryRead"/> may have one; <see langword="false"/> once the tap or the client was disposed and everything has been read.</returns>
    /// <exception cref="ConnectionLostException">Every session has ended; everything received before has been read.</exception>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => _queue.WaitToReadAsync(cancellationToken);

    /// <summary>
    /// Takes the next item, without allocating for a frame. Its <see cref="Frame.Bytes"/> are valid until the next call, whatever that returns.
    /// </summary>
    /// <returns>Whether there was one.</returns>
    public bool TryRead(out TapItem item)
    {
        if (!_queue.TryRead(out var tapped))
        {
            item = default;
            return false;
        }

        item = tapped.Event switch
        {
            null => new TapItem(tapped.Feed!, new Frame(tapped.Buffer.AsMemory(0, tapped.Length), tapped.ReceivedAt), tapped.Shape, tapped.Key),
            MalformedFrame malformed => Item(malformed),
            var happened => new TapItem(happened, tapped.Feed?.TrId, tapped.Feed, tapped.Key),
        };
        return true;
    }

    /// <summary>The items as they come. The bytes of each frame are the consumer's own.</summary>
    /// <exception cref="ConnectionLostException">Every session has ended; everything received before has been returned.</exception>
    public async IAsyncEnumerable<TapItem> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _readers, 1) != 0)
            throw new InvalidOperationException("the tap is being read already; open another to read it twice");
        try
        {
            while (await WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (!cancellationToken.IsCancellationRequested && TryRead(out var item))
                    yield return item.IsFrame ? new TapItem(item.Feed!, item.Frame with { Bytes = item.Frame.Bytes.ToArray() }, item.Shape, item.Key) : item;
            }
        }
        finally
        {
            Volatile.Write(ref _readers, 0);
        }
    }

    /// <summary>The frames alone, as a capture gives them: what reads them runs live and over what was recorded. The bytes of each are the consumer's own.</summary>
    /// <exception cref="ConnectionLostException">Every session has ended; everything received before has been returned.</exception>
    public async IAsyncEnumerable<Frame> ReadFramesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var item in ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (item.IsFrame)
                yield return item.Frame;
        }
    }

    /// <summary>
    /// Ends the tap: nothing more comes in, what is in the queue can still be read. Returns once the server has confirmed the release of what nobody else uses.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
            return new ValueTask(_disposing ??= Task.Run(DisposeOnceAsync));
    }

    private async Task DisposeOnceAsync()
    {
        await _disposal.CancelAsync().ConfigureAwait(false);
        SubscriptionHandle[] attachments;
        lock (_gate)
            attachments = [.. _holds.Values.Select(h => h.SubscriptionHandle).OfType<SubscriptionHandle>()];
        await _host.CloseTapAsync(_queue, attachments).ConfigureAwait(false);
        _disposal.Dispose();
    }

    private TapRegistration Reserve(FeedSchema feed, string key)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposing is not null, this);
            var hold = new TapRegistration(_queue, feed, key, _host.TotalsOf(feed), End);
            if (!_holds.TryAdd((feed.TrId, key), hold))
                throw new InvalidOperationException($"the tap has this registration of {feed.TrId} already");
            return hold;
        }
    }

    private void End(TapRegistration hold)
    {
        lock (_gate)
        {
            if (_holds.TryGetValue((hold.Feed.TrId, hold.Key), out var present) && present == hold)
                _holds.Remove((hold.Feed.TrId, hold.Key));
        }
    }

    // What cannot be read may all the same say what it is of.
    private TapItem Item(MalformedFrame malformed)
    {
        if (!DataFrame.TryParse(malformed.Raw.Span, out var frame, out _))
            return new TapItem(malformed, null, null, null);
        return _catalog.TryGet(frame.TrId, out var feed)
            ? new TapItem(malformed, feed.TrId, feed, null)
            : new TapItem(malformed, System.Text.Encoding.ASCII.GetString(frame.TrId), null, null);
    }
}

using System.Runtime.CompilerServices;
using KisFeed.Client;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// One consumer of many registrations. It receives every frame once, in the order of receipt over all feeds and keys, even if several of
/// its registrations have records in the frame. Events are delivered in order with the frames: changes of registrations and sessions, gaps,
/// interruptions, malformed frames. A tap can share a registration with subscriptions and other taps.
/// </summary>
/// <remarks>
/// <para>Registrations can be added and removed from any thread; only one reader at a time can read. The queue is bounded by
/// <see cref="FrameTapOptions"/>. A frame that does not fit is dropped whole on arrival. Each registration that it belonged to gets a
/// <see cref="Gap"/> before its next queued frame, or at its end if no frame follows. Events are never dropped; malformed
/// frames are treated like frames.</para>
/// <para>A frame with records of several keys counts in the gap of each of them, and once in <see cref="Dropped"/>.
/// <see cref="Gap.MissedVolume"/> is not set, because nothing is decoded; a consumer that keeps the frames can compute it from them.</para>
/// </remarks>
public sealed class FrameTap : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ITapSource _source;
    private readonly TapQueue _queue;
    private readonly FeedCatalog _catalog;
    private readonly KisEnvironment _environment;
    private readonly CancellationTokenSource _disposal = new();
    private readonly Dictionary<(string TrId, string Key), TapRegistration> _registrations = [];
    private Task? _disposing;
    private int _readers;

    internal FrameTap(ITapSource source, TapQueue queue, FeedCatalog catalog, KisEnvironment environment)
    {
        _source = source;
        _queue = queue;
        _catalog = catalog;
        _environment = environment;
    }

    /// <summary>Number of frames received, each counted once, including dropped and malformed ones.</summary>
    public long Received => _queue.Received;

    /// <summary>Number of frames dropped because the reader was too slow.</summary>
    public long Dropped => _queue.Dropped;

    /// <summary>Number of frames that could not be read, including dropped ones.</summary>
    public long Malformed => _queue.Malformed;

    /// <summary>Number of frames waiting to be read.</summary>
    public int QueueDepth => _queue.Depth;

    /// <summary>
    /// Adds a key of a feed. Returns once the server has acknowledged it; without a connection, this waits until one is established.
    /// </summary>
    /// <param name="feed">The feed, from <see cref="IFrameSource.Catalog"/>.</param>
    /// <param name="key">The key within the feed, case-sensitive.</param>
    /// <param name="options">The options of the registration. Default: <see cref="SubscribeOptions.Priority"/> 0. A tap has only new data,
    /// so <see cref="SubscribeOptions.From"/> must be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the wait; the key is then not registered.</param>
    /// <exception cref="ArgumentException">The key is empty, has leading or trailing blanks, or contains control characters; or the options
    /// have <see cref="SubscribeOptions.From"/>.</exception>
    /// <exception cref="InvalidOperationException">The tap already has the key or is adding it.</exception>
    /// <exception cref="SubscribeRefusedException">The server refused the registration. The tap also delivers this as an item.</exception>
    /// <exception cref="SubscribeTimeoutException">The server did not answer. The tap also delivers this as an item.</exception>
    /// <exception cref="RegistrationLimitException">The session is full; nothing was sent.</exception>
    /// <exception cref="FeedNotAvailableException">The mock service does not offer the feed; nothing was sent.</exception>
    /// <exception cref="ConnectionLostException">The session has ended and does not reconnect.</exception>
    /// <exception cref="ObjectDisposedException">The tap or the client was disposed.</exception>
    public Task AddAsync(FeedSchema feed, string key, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(feed);
        FeedKey.Validate(feed, key);
        return RegisterAsync(Find(feed), key, options, deliversEveryRefusal: false, cancellationToken);
    }

    /// <summary>Adds a key of a feed, which <see cref="Find"/> has returned.</summary>
    /// <param name="known">The feed.</param>
    /// <param name="key">The key.</param>
    /// <param name="options">The options of the registration.</param>
    /// <param name="deliversEveryRefusal">Whether the tap delivers a refusal also if nothing was sent.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    internal async Task RegisterAsync(
        FeedSchema known, string key, SubscribeOptions? options, bool deliversEveryRefusal, CancellationToken cancellationToken)
    {
        if (options?.From is { } from)
        {
            throw new ArgumentException(
                $"A tap has only new data, so {nameof(SubscribeOptions)}.{nameof(SubscribeOptions.From)} cannot be {from}; subscribe to "
                    + "the key instead.",
                nameof(options));
        }

        var registration = Reserve(known, key, cancellationToken);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposal.Token);
        ISubscriptionSource attached;
        try
        {
            attached = await _source.AttachAsync(known, key, registration, options?.Priority ?? 0, either.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (deliversEveryRefusal && e is KisFeedException)
                _source.Complete(registration, e);
            End(registration);
            cancellationToken.ThrowIfCancellationRequested();
            if (e is OperationCanceledException)
                throw new ObjectDisposedException(nameof(FrameTap), "the tap was disposed while a registration was being added");
            throw;
        }

        lock (_gate)
        {
            registration.Subscription = attached;
            if (_disposing is null)
                return;
        }

        await attached.EndAsync(CancellationToken.None).ConfigureAwait(false);
        throw new ObjectDisposedException(nameof(FrameTap), "the tap was disposed while a registration was being added");
    }

    /// <inheritdoc cref="AddAsync(FeedSchema, string, SubscribeOptions, CancellationToken)"/>
    public Task AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken) =>
        AddAsync(feed, key, null, cancellationToken);

    /// <summary>
    /// Removes a key of a feed; no more of its frames are delivered. Returns once the server has confirmed the release, or immediately if
    /// others use the registration. Does nothing if the tap does not have the key. To stop a key that is still being added, cancel the
    /// token passed to <see cref="AddAsync(FeedSchema, string, SubscribeOptions, CancellationToken)"/>.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="cancellationToken">Cancels the wait; the registration is released nevertheless.</param>
    public Task RemoveAsync(FeedSchema feed, string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(feed);
        var known = Find(feed);
        ISubscriptionSource? attached;
        lock (_gate)
            attached = _registrations.GetValueOrDefault((known.TrId, key))?.Subscription;
        return attached?.EndAsync(cancellationToken) ?? Task.CompletedTask;
    }

    /// <summary>The feed as the source knows it.</summary>
    /// <exception cref="FeedNotAvailableException">The service does not offer the feed.</exception>
    internal FeedSchema Find(FeedSchema feed) => FeedAvailability.Find(_catalog, feed, _environment);

    internal void CountUndecodable(FeedSchema feed) => _source.TotalsOf(feed).CountUndecodable();

    internal bool Has(FeedSchema feed, string key)
    {
        lock (_gate)
            return _registrations.ContainsKey((feed.TrId, key));
    }

    /// <summary>Waits for an item.</summary>
    /// <returns><see langword="true"/> if <see cref="TryRead"/> may return an item; <see langword="false"/> once the tap or the client was
    /// disposed and everything has been read.</returns>
    /// <exception cref="ConnectionLostException">Every session has ended; everything received before has been read.</exception>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => _queue.WaitToReadAsync(cancellationToken);

    /// <summary>
    /// Reads the next item, without allocating for a frame. Its <see cref="Frame.Bytes"/> are valid only until
    /// the next call, whatever that returns.
    /// </summary>
    /// <returns>Whether there was an item.</returns>
    public bool TryRead(out FrameItem item)
    {
        if (!_queue.TryRead())
        {
            item = default;
            return false;
        }

        ref readonly var tapped = ref _queue.Current;
        item = tapped.Event switch
        {
            null => new FrameItem(tapped.Feed!, FrameOf(tapped), tapped.Shape, tapped.Key),
            MalformedFrame malformed => Item(malformed),
            var feedEvent => new FrameItem(feedEvent),
        };
        return true;
    }

    /// <summary>The items as they arrive. The consumer owns the bytes of each frame.</summary>
    /// <exception cref="ConnectionLostException">Every session has ended; everything received before has been returned.</exception>
    public async IAsyncEnumerable<FrameItem> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _readers, 1) != 0)
            throw new InvalidOperationException("the tap already has a reader; open another tap to read the data twice");
        try
        {
            while (await WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (!cancellationToken.IsCancellationRequested && TryRead(out var item))
                {
                    yield return item.IsFrame
                        ? item with { Frame = item.Frame with { Bytes = item.Frame.Bytes.ToArray() } }
                        : item;
                }
            }
        }
        finally
        {
            Volatile.Write(ref _readers, 0);
        }
    }

    /// <summary>
    /// Only the frames, in the form in which a capture returns them, so that the same code can read live and recorded data. The
    /// consumer owns the bytes of each frame.
    /// </summary>
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
    /// Closes the tap. Nothing more is received; queued items can still be read. Returns once the server has confirmed the release of
    /// registrations that nobody else uses.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
            return new ValueTask(_disposing ??= Task.Run(DisposeOnceAsync));
    }

    private async Task DisposeOnceAsync()
    {
        await _disposal.CancelAsync().ConfigureAwait(false);
        ISubscriptionSource[] attached;
        lock (_gate)
            attached = [.. _registrations.Values.Select(r => r.Subscription).OfType<ISubscriptionSource>()];
        await _source.CloseTapAsync(_queue, attached).ConfigureAwait(false);
        _disposal.Dispose();
    }

    private TapRegistration Reserve(FeedSchema feed, string key, CancellationToken cancellationToken)
    {
        // Not under the lock: the source ends registrations under its own one.
        var registration = new TapRegistration(_queue, feed, key, _source.TotalsOf(feed), End);
        lock (_gate)
        {
            // A caller that cancels and then disposes the tap has cancelled, also if this begins later.
            if (_disposing is not null)
                cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_disposing is not null, this);
            if (!_registrations.TryAdd((feed.TrId, key), registration))
                throw new InvalidOperationException($"the tap already has this registration of {feed.TrId}");
            return registration;
        }
    }

    private void End(TapRegistration registration)
    {
        lock (_gate)
        {
            if (_registrations.TryGetValue((registration.Feed.TrId, registration.Key), out var present) && present == registration)
                _registrations.Remove((registration.Feed.TrId, registration.Key));
        }
    }

    private static Frame FrameOf(in QueuedFrame tapped) =>
        new(tapped.Bytes.Memory, tapped.ReceivedAt) { StatedDay = tapped.Shape.StatedDay };

    // A malformed frame may still name its feed.
    private FrameItem Item(MalformedFrame malformed)
    {
        if (!DataFrame.TryParse(malformed.Raw.Span, out var frame, out _))
            return new FrameItem(malformed, null, null);
        return _catalog.TryGet(frame.TrId, out var feed)
            ? new FrameItem(malformed, feed.TrId, feed)
            : new FrameItem(malformed, System.Text.Encoding.ASCII.GetString(frame.TrId), null);
    }
}

/// <summary>
/// The queue limits of a <see cref="FrameTap"/>. Frames that do not fit are dropped on arrival, counted, and reported as a gap.
/// </summary>
public sealed record FrameTapOptions
{
    /// <summary>Maximum number of frames waiting to be read. Default: 100,000.</summary>
    public int Capacity { get; init; } = 100_000;

    /// <summary>Maximum memory of waiting frames, in bytes; a single frame of any size is accepted. Default: 128 MiB.</summary>
    public long MaxBytes { get; init; } = 128L << 20;

    /// <summary>
    /// Whether a source that can be kept waiting, a cluster, may run the reader on the thread that delivers a batch. This saves a change of
    /// threads for each batch. The reader must not block.
    /// </summary>
    internal bool MayRunReader { get; init; }

    internal void Validate()
    {
        if (Capacity <= 0)
            throw new KisFeedConfigurationException($"{nameof(FrameTapOptions)}.{nameof(Capacity)} must be positive.");
        if (MaxBytes <= 0)
            throw new KisFeedConfigurationException($"{nameof(FrameTapOptions)}.{nameof(MaxBytes)} must be positive.");
    }
}

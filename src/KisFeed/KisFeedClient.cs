using System.Runtime.CompilerServices;
using KisFeed.Client;
using KisFeed.Client.History;
using KisFeed.Diagnostics;
using KisFeed.Feeds;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed;

/// <summary>
/// A client of the broker's real-time service, with one session for each app key. After a connection loss it reconnects and restores all
/// subscriptions; consumers receive a <see cref="Gap"/> where data may be missing. Subscriptions can be added and ended at any time, from
/// any thread. Each has its own bounded queue, so a slow consumer affects only itself.
/// </summary>
/// <example>
/// <code>
/// await using var client = await KisFeedClient.ConnectAsync(new KisFeedOptions { AppKey = key, AppSecret = secret });
/// await using var kospi = await client.SubscribeAsync(IndexTrade.Feed, "0001");
/// await foreach (var tick in kospi.ReadAllAsync())
///     Console.WriteLine($"{tick.Time} {tick.Price}");
/// </code>
/// </example>
public sealed class KisFeedClient : IKisFeedClient
{
    private readonly KisFeedOptions _options;
    private readonly ClientRuntime _runtime;
    private readonly GatewayStreams _streams;
    private readonly ILogger _logger;

    private KisFeedClient(KisFeedOptions options)
    {
        _options = options;
        _logger = new RedactingLogger((options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<KisFeedClient>());
        Catalog = CatalogOf(options);
        _runtime = new ClientRuntime(options, Catalog, _logger);
        _streams = new GatewayStreams(options, _runtime.TotalsOf, _logger);
    }

    /// <summary>The feeds that this client knows, including the layouts of the layout file.</summary>
    public FeedCatalog Catalog { get; }

    /// <summary>The feeds, with the layouts and the decimal places of options.</summary>
    internal static FeedCatalog CatalogOf(KisFeedOptions options)
    {
        var catalog = options.Layouts is { } layouts ? options.Catalog.WithLayouts(layouts) : options.Catalog;
        return options.PriceScales is { } scales ? catalog.WithPriceScales(scales) : catalog;
    }

    /// <summary>All registrations and their state.</summary>
    public IReadOnlyList<RegistrationStatus> Registrations => _runtime.Registrations();

    /// <summary>The current status of the session of each app key, in the order of the app keys.</summary>
    public IReadOnlyList<SessionStatus> Sessions => _runtime.Sessions();

    /// <inheritdoc/>
    public bool HasNotices { get; } = true;

    /// <summary>
    /// Completes when the last session ends: successfully after <see cref="DisposeAsync"/>, or with a <see cref="ConnectionLostException"/>
    /// when no session can reconnect. The exception's message says what to fix.
    /// </summary>
    public Task Completion => _runtime.Ended;

    /// <summary>Requests an approval key for each app key and connects. Returns once every session is connected.</summary>
    /// <param name="options">The connection options.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <exception cref="KisFeedConfigurationException">An option is missing or out of range.</exception>
    /// <exception cref="ApprovalKeyException">The service did not issue an approval key.</exception>
    /// <exception cref="ConnectionFailedException">The service cannot be reached, or not in time, or was tried too often.</exception>
    public static async Task<KisFeedClient> ConnectAsync(KisFeedOptions options, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var client = Start(options);
        try
        {
            await client._runtime.WaitForFirstConnectionsAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Creates a client that connects in the background, as often as its policy allows. Subscriptions made meanwhile are confirmed once a
    /// session is connected. For programs that start before the network is available; <see cref="Sessions"/> shows the progress.
    /// </summary>
    /// <exception cref="KisFeedConfigurationException">An option is missing or out of range.</exception>
    public static KisFeedClient Start(KisFeedOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var client = new KisFeedClient(options);
        client._runtime.Start();
        return client;
    }

    /// <summary>
    /// The status of the sessions: first the current status of each, then again whenever its phase, its registrations or its problem
    /// changes. A slow reader misses older changes, never the latest.
    /// </summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    public IAsyncEnumerable<SessionStatus> WatchSessionsAsync(CancellationToken cancellationToken = default) =>
        _runtime.WatchAsync(cancellationToken);

    /// <summary>
    /// Subscribes to a key of a feed and returns a subscription to read records from. Returns once the server has acknowledged it; without
    /// a connection, this waits until one is established.
    /// </summary>
    /// <remarks>
    /// With <see cref="SubscribeOptions.From"/>, recorded records come first, as fast as the consumer reads them, then
    /// <see cref="LiveBegins"/>, then live ones, each record once and gaps where they were. This needs a gateway that records, at
    /// <see cref="KisFeedOptions.WebSocketUrl"/>. Such a subscription has a connection of its own and continues where it was after a loss,
    /// so it misses nothing that the gateway has recorded, however slowly it is read: the gateway waits for the consumer.
    /// </remarks>
    /// <param name="feed">The feed, e.g. <see cref="IndexTrade.Feed"/>.</param>
    /// <param name="key">The key within the feed, e.g. <c>0001</c>; case-sensitive.</param>
    /// <param name="options">The options of the subscription. Default: new data only.</param>
    /// <param name="cancellationToken">Cancels the wait; the key is then not registered.</param>
    /// <exception cref="ArgumentException">The key is empty, has leading or trailing blanks, or contains control characters.</exception>
    /// <exception cref="SubscribeRefusedException">The server refused the registration.</exception>
    /// <exception cref="SubscribeTimeoutException">The server did not answer in time.</exception>
    /// <exception cref="RegistrationLimitException">The session is full, and no registration has a lower priority
    /// (<see cref="SubscribeOptions.Priority"/>); or one with a higher priority took the slot meanwhile.</exception>
    /// <exception cref="FeedNotAvailableException">The mock service does not offer the feed; nothing was sent.</exception>
    /// <exception cref="HistoryNotAvailableException">The service has no recorded data. The message says what to do.</exception>
    /// <exception cref="ConnectionLostException">The session has ended and does not reconnect.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    [OverloadResolutionPriority(1)] // new() { From = … } is not a callback.
    public async Task<Subscription<TRecord>> SubscribeAsync<TRecord>(
        Feed<TRecord> feed, string key, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        var (source, queue) = await AttachAsync(feed.Schema, key, options, cancellationToken).ConfigureAwait(false);
        return new Subscription<TRecord>(source, queue);
    }

    /// <summary>
    /// Subscribes to a key of a feed and calls back with its records: one call at a time, in order, on a
    /// thread of the pool, without allocating.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="onRecord">Called with each record.</param>
    /// <param name="onEvent">Called with each gap, interruption and malformed frame, in order with the records.</param>
    /// <param name="options">The options of the subscription. Default: new data only.</param>
    /// <param name="cancellationToken">Cancels the wait; the key is then not registered.</param>
    /// <exception cref="KisFeedException">As for the overload without a callback.</exception>
    public async Task<CallbackSubscription<TRecord>> SubscribeAsync<TRecord>(
        Feed<TRecord> feed,
        string key,
        RecordHandler<TRecord> onRecord,
        Action<FeedEvent>? onEvent = null,
        SubscribeOptions? options = null,
        CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(onRecord);
        var (source, queue) = await AttachAsync(feed.Schema, key, options, cancellationToken).ConfigureAwait(false);
        return new CallbackSubscription<TRecord>(source, queue, onRecord, onEvent, _logger);
    }

    /// <summary>
    /// Subscribes to a key of a feed and calls back with its records, asynchronously: the next call waits until the task of the last one
    /// has completed. Meanwhile the bounded queue takes what arrives, so a callback that stays too slow gets a <see cref="Gap"/>.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="onRecord">Called with each record. Its token is cancelled when the subscription is disposed; what is queued then is not
    /// delivered any more. <see cref="FeedSubscription.UnsubscribeAsync"/> ends it with everything delivered.</param>
    /// <param name="onEvent">Called with each gap, interruption and malformed frame, in order with the records.</param>
    /// <param name="options">The options of the subscription. Default: new data only.</param>
    /// <param name="cancellationToken">Cancels the wait; the key is then not registered.</param>
    /// <exception cref="KisFeedException">As for the overload without a callback.</exception>
    public async Task<CallbackSubscription<TRecord>> SubscribeAsync<TRecord>(
        Feed<TRecord> feed,
        string key,
        Func<TRecord, CancellationToken, ValueTask> onRecord,
        Func<FeedEvent, CancellationToken, ValueTask>? onEvent = null,
        SubscribeOptions? options = null,
        CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(onRecord);
        var (source, queue) = await AttachAsync(feed.Schema, key, options, cancellationToken).ConfigureAwait(false);
        return new CallbackSubscription<TRecord>(source, queue, onRecord, onEvent, _logger);
    }

    /// <summary>
    /// Subscribes to a key of a feed and returns a subscription to read its frames as bytes. Order notices are decrypted. With
    /// <see cref="SubscribeOptions.From"/>, a frame with records of other keys, and a live one, comes as a frame for each record of
    /// the key.
    /// </summary>
    /// <param name="feed">The feed, from <see cref="Catalog"/>.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="options">The options of the subscription. Default: new data only.</param>
    /// <param name="cancellationToken">Cancels the wait; the key is then not registered.</param>
    /// <exception cref="KisFeedException">As for the overload that returns records.</exception>
    public async Task<FrameSubscription> SubscribeAsync(
        FeedSchema feed, string key, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(feed);
        var (source, queue) = await AttachAsync(feed, key, options, cancellationToken).ConfigureAwait(false);
        return new FrameSubscription(source, queue);
    }

    /// <summary>
    /// Opens one consumer for any number of registrations. It receives every frame once, as bytes, in the order of receipt over all feeds
    /// and keys, with events in order. For programs that forward data, such as a recorder.
    /// </summary>
    /// <param name="options">The limits of its queue. Default: those of <see cref="FrameTapOptions"/>.</param>
    /// <exception cref="KisFeedConfigurationException">An option is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    public FrameTap OpenTap(FrameTapOptions? options = null)
    {
        options ??= new FrameTapOptions();
        options.Validate();
        return new FrameTap(_runtime, _runtime.OpenTap(options), Catalog, _options.Environment);
    }

    /// <summary>
    /// Assigns a key to the session of one app key, for clients with several: the key is registered there or refused, and is not moved to
    /// another session. A key that is registered already stays where it is. Without this, the client chooses the session with the most free
    /// slots. Order notices always belong to the app key of their account.
    /// </summary>
    /// <param name="feed">The feed, from <see cref="Catalog"/>.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="session">The session (<see cref="SessionStatus.Name"/>); <see langword="null"/> to let the client choose again.</param>
    /// <exception cref="ArgumentException">There is no such session.</exception>
    public void AssignSession(FeedSchema feed, string key, string? session)
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(key);
        _runtime.Assign(feed, key, session);
    }

    /// <summary>Closes the sessions. Queued items can still be read; then the streams end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _streams.DisposeAsync().ConfigureAwait(false);
        await _runtime.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<(ISubscriptionSource Source, FrameQueue Queue)> AttachAsync(
        FeedSchema feed, string key, SubscribeOptions? options, CancellationToken cancellationToken)
    {
        FeedKey.Validate(feed, key);
        var known = FeedAvailability.Find(Catalog, feed, _options.Environment);
        if (options?.From is { } from)
            return await _streams.OpenAsync(known, key, from, cancellationToken).ConfigureAwait(false);
        var queue = _runtime.CreateQueue(known);
        return (await _runtime.AttachAsync(known, key, queue, options?.Priority ?? 0, cancellationToken).ConfigureAwait(false), queue);
    }
}

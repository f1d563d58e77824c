using System.Text;
using KisFeed.Feeds;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed;

/// <summary>
/// A session with the broker's real-time service. Subscriptions are made and ended at any time, from any thread; each has a bounded queue
/// of its own, so that a slow consumer harms nobody but itself.
/// </summary>
/// <example>
/// <code>
/// await using var client = await KisFeedClient.ConnectAsync(new KisFeedOptions { AppKey = key, AppSecret = secret });
/// await using var kospi = await client.SubscribeAsync(IndexTrade.Feed, "0001");
/// await foreach (var tick in kospi.ReadAllAsync())
///     Console.WriteLine($"{tick.Time} {tick.Price}");
/// </code>
/// </example>
public sealed class KisFeedClient : IAsyncDisposable
{
    private readonly KisFeedOptions _options;
    private readonly SessionConnection _connection;
    private readonly ILogger _logger;

    private KisFeedClient(KisFeedOptions options, FeedCatalog catalog, SessionConnection connection, ILogger logger)
    {
        _options = options;
        Catalog = catalog;
        _connection = connection;
        _logger = logger;
    }

    /// <summary>The feeds this client knows, with the layouts of the layout file.</summary>
    public FeedCatalog Catalog { get; }

    /// <summary>What has been asked for, and how far each has come.</summary>
    public IReadOnlyList<RegistrationStatus> Registrations => _connection.Snapshot();

    /// <summary>
    /// Ends with the session: successfully after <see cref="DisposeAsync"/>, with a <see cref="ConnectionLostException"/> when the connection
    /// was lost or the server refused the session.
    /// </summary>
    public Task Completion => _connection.Ended;

    /// <summary>Issues an approval key and connects.</summary>
    /// <exception cref="KisFeedConfigurationException">An option is missing or out of range.</exception>
    /// <exception cref="ApprovalKeyException">The service gave no approval key.</exception>
    /// <exception cref="ConnectionFailedException">The service cannot be reached, or not in time.</exception>
    public static async Task<KisFeedClient> ConnectAsync(KisFeedOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var catalog = options.Layouts is { } layouts ? KisFeeds.Catalog.WithLayouts(layouts) : KisFeeds.Catalog;
        var logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<KisFeedClient>();

        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var approvalKey = await options.ApprovalKeys.GetAsync(options, either.Token).ConfigureAwait(false);
            var connection = await SessionConnection.OpenAsync(options, catalog, logger, approvalKey, either.Token).ConfigureAwait(false);
            return new KisFeedClient(options, catalog, connection, logger);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ConnectionFailedException($"no session within {options.ConnectTimeout.TotalSeconds:0.#} s, of {KisEndpoints.WebSocketOf(options)} with an approval key of {KisEndpoints.ApprovalOf(options)}: check the network and the addresses, or set {nameof(KisFeedOptions)}.{nameof(KisFeedOptions.ConnectTimeout)}", e);
        }
    }

    /// <summary>Subscribes to a key of a feed, to pull its records. Returns once the server has acknowledged.</summary>
    /// <param name="feed">The feed, e.g. <see cref="IndexTrade.Feed"/>.</param>
    /// <param name="key">The key within the feed, e.g. <c>0001</c>; its case is kept.</param>
    /// <param name="cancellationToken">Ends the wait; nothing stays registered then.</param>
    /// <exception cref="ArgumentException">The key is empty, or has blanks around it or control characters in it.</exception>
    /// <exception cref="SubscribeRefusedException">The server refused.</exception>
    /// <exception cref="SubscribeTimeoutException">The server did not answer.</exception>
    /// <exception cref="RegistrationLimitException">The session is full; nothing was sent.</exception>
    /// <exception cref="FeedNotAvailableException">The mock service does not have the feed; nothing was sent.</exception>
    /// <exception cref="ConnectionLostException">The session has ended.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    public async Task<Subscription<TRecord>> SubscribeAsync<TRecord>(Feed<TRecord> feed, string key, CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        var attachment = await AttachAsync(feed.Schema, key, cancellationToken).ConfigureAwait(false);
        return new Subscription<TRecord>(_connection, attachment);
    }

    /// <summary>
    /// Subscribes to a key of a feed, to be called with its records: one call at a time, in order, on a thread of the pool, without allocating.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="onRecord">Called with each record.</param>
    /// <param name="onEvent">Called with each gap and malformed frame, in order with the records.</param>
    /// <param name="cancellationToken">Ends the wait; nothing stays registered then.</param>
    /// <exception cref="KisFeedException">As for the form that pulls.</exception>
    public async Task<CallbackSubscription<TRecord>> SubscribeAsync<TRecord>(
        Feed<TRecord> feed,
        string key,
        RecordHandler<TRecord> onRecord,
        Action<FeedEvent>? onEvent = null,
        CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(onRecord);
        var attachment = await AttachAsync(feed.Schema, key, cancellationToken).ConfigureAwait(false);
        return new CallbackSubscription<TRecord>(_connection, attachment, onRecord, onEvent, _logger);
    }

    /// <summary>Subscribes to a key of a feed, to pull its frames as bytes; order notices come decrypted.</summary>
    /// <param name="feed">The feed, from <see cref="Catalog"/>.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="cancellationToken">Ends the wait; nothing stays registered then.</param>
    /// <exception cref="KisFeedException">As for the form that pulls records.</exception>
    public async Task<FrameSubscription> SubscribeAsync(FeedSchema feed, string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(feed);
        var attachment = await AttachAsync(feed, key, cancellationToken).ConfigureAwait(false);
        return new FrameSubscription(_connection, attachment);
    }

    /// <summary>Closes the session. What is in the queues can still be read; then the streams end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private Task<Attachment> AttachAsync(FeedSchema feed, string key, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(key))
            throw new ArgumentException($"{feed.TrId} needs a key: {feed.KeyMeaning}, e.g. {feed.KeyExample}", nameof(key));

        // The service takes such a key, or waits for the end of it, and none of its frames would ever be found to be of it.
        if (char.IsWhiteSpace(key[0]) || char.IsWhiteSpace(key[^1]) || key.EnumerateRunes().Any(r => Rune.IsControl(r) || r == Rune.ReplacementChar))
            throw new ArgumentException($"a key of {feed.TrId} has no blanks around it and no control or broken characters in it: {feed.KeyMeaning}, e.g. {feed.KeyExample}", nameof(key));
        return _connection.AttachAsync(FeedAvailability.Find(Catalog, feed, _options.Environment), key, cancellationToken);
    }
}

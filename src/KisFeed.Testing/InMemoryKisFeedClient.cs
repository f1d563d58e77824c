using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using KisFeed.Capture;
using KisFeed.Client;
using KisFeed.Feeds;
using KisFeed.Testing.Playing;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Testing;

/// <summary>
/// A client for unit tests, without a socket, a clock or a thread of its own. Its data are a script: records, frames, captures, losses of
/// the connection. Queues, gaps, missed volume and decoding are those of <see cref="KisFeedClient"/>. Thread-safe.
/// </summary>
/// <remarks>
/// <para>Steps of the script are delivered in their order, within the call that adds them. A record whose key nobody has subscribed to yet
/// waits, and everything after it too, so that a test can publish first and start its consumer later. A key whose last subscription has
/// ended gets nothing more, as at the broker.</para>
/// <para>Of a subscription's queue (<see cref="KisFeedOptions.QueueCapacity"/>) overflows what does not fit, as with a real client.</para>
/// </remarks>
/// <example>
/// <code>
/// await using var client = new InMemoryKisFeedClient();
/// client.Publish(StockTrade.Krx, new StockTrade { Code = "005930", Price = 80_200 });
/// client.Interrupt();
/// client.Publish(StockTrade.Krx, new StockTrade { Code = "005930", Price = 80_100 });
/// client.Complete();
/// await strategy.RunAsync(client); // Reads two records with a gap between them, and ends.
/// </code>
/// </example>
public sealed class InMemoryKisFeedClient : IKisFeedClient
{
    private readonly KisFeedOptions _options;
    private readonly Script _script;
    private readonly ILogger _logger;

    /// <summary>Creates a client that is connected and has no data.</summary>
    /// <param name="options">
    /// The options of the program under test. Those of queues, layouts, prices, the environment, the maximum number of registrations and
    /// the log are used; credentials are not needed. Default: the default options.
    /// </param>
    public InMemoryKisFeedClient(KisFeedOptions? options = null)
    {
        _options = options ?? new KisFeedOptions();
        _logger = (_options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<InMemoryKisFeedClient>();
        Catalog = KisFeedClient.CatalogOf(_options);
        _script = new Script(_options, Catalog);
    }

    /// <inheritdoc/>
    public FeedCatalog Catalog { get; }

    /// <inheritdoc/>
    public IReadOnlyList<RegistrationStatus> Registrations => _script.Registrations();

    /// <inheritdoc/>
    public IReadOnlyList<SessionStatus> Sessions => [_script.Status()];

    /// <inheritdoc/>
    public bool HasNotices => true;

    /// <inheritdoc/>
    public Task Completion => _script.Ended;

    /// <summary>
    /// The time at which the next step happens: the time of receipt of frames, each 100 ns later than the one before, and of events. It
    /// does not advance by itself. Default: 2026-01-02 09:00 in Korea. A capture sets it.
    /// </summary>
    public DateTimeOffset Time
    {
        get => _script.Time;
        set => _script.Time = value;
    }

    /// <summary>
    /// The trading day that the source states for the records that are published next, as a simulator does.
    /// Default: <see langword="null"/>; times of day are then near <see cref="Time"/>. A capture has its own.
    /// </summary>
    public DateOnly? StatedDay { get; set; }

    /// <summary>
    /// How long <see cref="WaitUntilReadAsync"/> waits, in real time, before it fails and says what it waits for. Default: 30 seconds.
    /// </summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The number of steps that wait, because nobody has subscribed to the key of the first of them.</summary>
    public int Waiting => _script.Waiting;

    /// <summary>
    /// The number of records of a capture that were skipped because nobody had subscribed to their keys, and of records whose keys nobody
    /// subscribes to any more.
    /// </summary>
    public long Skipped => _script.Skipped;

    /// <inheritdoc/>
    public IAsyncEnumerable<SessionStatus> WatchSessionsAsync(CancellationToken cancellationToken = default) =>
        _script.WatchAsync(cancellationToken);

    /// <inheritdoc/>
    [OverloadResolutionPriority(1)] // new() { From = … } is not a callback.
    public async Task<Subscription<TRecord>> SubscribeAsync<TRecord>(
        Feed<TRecord> feed, string key, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        var (source, queue) = await AttachAsync(feed.Schema, key, options, cancellationToken).ConfigureAwait(false);
        return new Subscription<TRecord>(source, queue);
    }

    /// <inheritdoc/>
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

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public async Task<FrameSubscription> SubscribeAsync(
        FeedSchema feed, string key, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(feed);
        var (source, queue) = await AttachAsync(feed, key, options, cancellationToken).ConfigureAwait(false);
        return new FrameSubscription(source, queue);
    }

    /// <inheritdoc/>
    public FrameTap OpenTap(FrameTapOptions? options = null)
    {
        options ??= new FrameTapOptions();
        options.Validate();
        return new FrameTap(_script, _script.OpenTap(options), Catalog, _options.Environment);
    }

    /// <summary>
    /// Publishes records of one or several keys of a feed, in one frame, as the broker would send them. Consumers get them with the time of
    /// receipt and the stated day of this client, whatever theirs are.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="records">The records. Each needs its key; absent values stay absent.</param>
    /// <exception cref="ArgumentException">There is no record, or one has no key, or a text that a frame cannot carry.</exception>
    /// <exception cref="FeedNotAvailableException">The environment of the options does not offer the feed.</exception>
    public void Publish<TRecord>(Feed<TRecord> feed, params ReadOnlySpan<TRecord> records)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        var known = FeedAvailability.Find(Catalog, feed.Schema, _options.Environment);
        var frame = new ArrayBufferWriter<byte>();
        FrameWriter.Write(frame, known.TrId, records);
        if (!known.IsNotice && _script.HasEmptyKey(frame.WrittenSpan))
        {
            throw new ArgumentException(
                $"a record of {known.TrId} has no key: set its {known.KeyMeaning}, e.g. {known.KeyExample}",
                nameof(records));
        }

        _script.AddFrame(frame.WrittenSpan.ToArray(), StatedDay);
    }

    /// <summary>
    /// Publishes a frame as text, as the broker would send it: <c>0|H0STCNT0|001|005930^…</c>. A malformed one is delivered as malformed
    /// to those whose data it may contain.
    /// </summary>
    /// <param name="frame">The frame.</param>
    public void Publish(string frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        _script.AddFrame(Encoding.UTF8.GetBytes(frame), StatedDay);
    }

    /// <summary>Publishes a frame as UTF-8 bytes.</summary>
    /// <param name="frame">The frame.</param>
    public void Publish(ReadOnlySpan<byte> frame) => _script.AddFrame(frame.ToArray(), StatedDay);

    /// <summary>Plays a capture: a file, or a folder of them. See the overload with a reader.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Cancels the playing.</param>
    /// <exception cref="CaptureException">There is no capture.</exception>
    public Task PlayAsync(string path, CancellationToken cancellationToken = default) =>
        PlayAsync(CaptureReader.Open(path), cancellationToken);

    /// <summary>
    /// Plays a capture to the subscriptions that there are, as fast as they read, with its times, interruptions and gaps. Waits for a
    /// subscription if there is none yet. Records of keys that nobody has subscribed to are skipped and counted (<see cref="Skipped"/>).
    /// Returns when everything has been read.
    /// </summary>
    /// <param name="capture">The capture. Its options select times and feeds.</param>
    /// <param name="cancellationToken">Cancels the playing.</param>
    /// <exception cref="TimeoutException">As for <see cref="WaitUntilReadAsync"/>.</exception>
    public Task PlayAsync(CaptureReader capture, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(capture);
        return new CapturePlayer(_script, ReadTimeout).PlayAsync(capture, cancellationToken);
    }

    /// <summary>
    /// Takes the slot of a key, as a registration with a higher priority does: its subscriptions get <see cref="Evicted"/> now, and with
    /// the next record of the key <see cref="Restored"/> and a <see cref="Gap"/>. Priorities alone evict nothing here.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key within the feed.</param>
    public void Evict<TRecord>(Feed<TRecord> feed, string key)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        FeedKey.Validate(feed.Schema, key);
        var known = FeedAvailability.Find(Catalog, feed.Schema, _options.Environment);
        _script.Add(() => _script.Evict(known.TrId, key));
    }

    /// <summary>
    /// Interrupts the data of all subscriptions: each gets an <see cref="Interruption"/> now and a <see cref="Gap"/> before its next
    /// record. A lost connection is established again by the next record or subscription.
    /// </summary>
    /// <param name="reason">The reason.</param>
    /// <exception cref="ArgumentException">
    /// The reason is <see cref="GapReason.QueueOverflow"/>, which a consumer causes that does not read.
    /// </exception>
    public void Interrupt(GapReason reason = GapReason.ConnectionLost)
    {
        if (reason == GapReason.QueueOverflow)
        {
            throw new ArgumentException(
                $"a queue overflows if its consumer does not read: publish more than {nameof(KisFeedOptions.QueueCapacity)} records",
                nameof(reason));
        }

        _script.Add(() => _script.Interrupt(reason));
    }

    /// <summary>
    /// Refuses a key from now on. A subscription to it ends with a <see cref="SubscribeRefusedException"/>, a new one fails with it. What
    /// waits for a subscription to the key is not delivered.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="key">The key.</param>
    /// <param name="code">The broker's code.</param>
    /// <param name="text">The broker's text.</param>
    public void Refuse(FeedSchema feed, string key, BrokerCode code, string text = "")
    {
        ArgumentNullException.ThrowIfNull(feed);
        FeedKey.Validate(feed, key);
        _script.Refuse(FeedAvailability.Find(Catalog, feed, _options.Environment), key, code, text);
    }

    /// <inheritdoc cref="Refuse(FeedSchema, string, BrokerCode, string)"/>
    public void Refuse<TRecord>(Feed<TRecord> feed, string key, BrokerCode code, string text = "")
        where TRecord : struct, IFeedRecord<TRecord>
    {
        ArgumentNullException.ThrowIfNull(feed);
        Refuse(feed.Schema, key, code, text);
    }

    /// <summary>
    /// The connection is lost for good: every stream ends with a <see cref="ConnectionLostException"/> after what was delivered before, and
    /// so does <see cref="Completion"/>.
    /// </summary>
    /// <param name="problem">What is wrong; the message of the exception.</param>
    /// <param name="reason">Why the client does not reconnect.</param>
    public void Fail(string problem = "the test ended the session", HaltReason reason = HaltReason.Failed)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(problem);
        _script.AddEnd(() => _script.Fail(new ConnectionLostException(problem) { Reason = reason }));
    }

    /// <summary>
    /// No more data follow: every stream ends after what was delivered before, and one that is subscribed to later ends at once.
    /// </summary>
    public void Complete() => _script.AddEnd(_script.Complete);

    /// <summary>
    /// Returns once the script has been delivered and every consumer has read everything and asks for more, so that it has processed what
    /// it read.
    /// </summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="TimeoutException">
    /// That did not happen within <see cref="ReadTimeout"/>. The message names the key that nobody has subscribed to, or the subscriptions
    /// that nobody reads.
    /// </exception>
    public Task WaitUntilReadAsync(CancellationToken cancellationToken = default) =>
        _script.WaitUntilReadAsync(ReadTimeout, cancellationToken);

    /// <summary>Ends all streams. Delivered items can still be read; steps that wait for a subscription are discarded.</summary>
    public ValueTask DisposeAsync()
    {
        _script.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<(ISubscriptionSource Source, FrameQueue Queue)> AttachAsync(
        FeedSchema feed, string key, SubscribeOptions? options, CancellationToken cancellationToken)
    {
        FeedKey.Validate(feed, key);
        var known = FeedAvailability.Find(Catalog, feed, _options.Environment);
        if (options?.From is not null)
        {
            throw new HistoryNotAvailableException(
                $"{known.TrId}: an in-memory client has no recorded data; leave {nameof(SubscribeOptions)}.{nameof(SubscribeOptions.From)} "
                    + "out, and publish or play the earlier records first");
        }

        var queue = _script.CreateQueue(known);
        return (await _script.AttachAsync(known, key, queue, options?.Priority ?? 0, cancellationToken).ConfigureAwait(false), queue);
    }
}

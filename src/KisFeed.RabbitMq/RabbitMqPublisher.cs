using KisFeed.Capture;
using KisFeed.Capture.Recording;
using KisFeed.RabbitMq.Publishing;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.RabbitMq;

/// <summary>
/// Publishes what a client receives to RabbitMQ streams: frames, gaps and events of the session, in order, each until the
/// cluster has confirmed it. The cluster never delays the client or its recorder: while it is away, data is only
/// recorded, and read from there afterwards.
/// </summary>
/// <example>
/// <code>
/// await using var publisher = RabbitMqPublisher.Start(client, new()
/// {
///     Cluster = new() { Nodes = [new("amqp://broker")] },
///     Source = "feed-1",
///     Recorder = recorder,
/// });
/// await Task.WhenAll(recorder.AddAsync(IndexTrade.Feed.Schema, "0001"), publisher.AddAsync(IndexTrade.Feed.Schema, "0001"));
/// await publisher.Completion;
/// </code>
/// </example>
public sealed class RabbitMqPublisher : IFramePublisher
{
    private readonly FrameTap _tap;
    private readonly RabbitMqPublisherOptions _options;
    private readonly KeyEpochs _epochs;
    private readonly PublisherLoop _loop;
    private readonly StatusMeter<FramePublisherStatus> _metrics;
    private readonly DataSourceWatch _data;
    private int _isDisposed;

    private RabbitMqPublisher(FrameTap tap, RabbitMqPublisherOptions options, KeyEpochs epochs, PublisherLoop loop, DataSourceWatch data)
    {
        _tap = tap;
        _options = options;
        _epochs = epochs;
        _data = data;
        _loop = loop;
        _metrics = PublisherMetrics.Create(options.Cluster, () => loop.Status);
        Completion = Task.Run(_loop.RunAsync);
        _ = Completion.ContinueWith(
            task =>
            {
                _ = task.Exception;
                _ = _tap.DisposeAsync().AsTask(); // Nobody reads it any more.
                _metrics.Dispose();
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>The current status.</summary>
    public FramePublisherStatus Status => _loop.Status;

    /// <summary>
    /// Completes when the publisher has ended: successfully after <see cref="StopAsync"/> or the end of the client; with a
    /// <see cref="RabbitMqException"/> if retrying would not help, for example because the password is wrong; with a
    /// <see cref="ConnectionLostException"/> when every session has ended.
    /// </summary>
    public Task Completion { get; }

    private DateTimeOffset Now => _options.Cluster.TimeProvider.GetUtcNow();

    /// <summary>Starts a publisher without keys. It connects in the background.</summary>
    /// <param name="source">The client, or another source of frames.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">An option is not valid.</exception>
    /// <exception cref="KisFeedConfigurationException">An option of the tap is out of range.</exception>
    /// <exception cref="RabbitMqException">The position cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The source was disposed.</exception>
    public static RabbitMqPublisher Start(IFrameSource source, RabbitMqPublisherOptions options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var last = options.Recorder is null ? null : new PositionFile(options.PositionPath).Read();
        var epochs = new KeyEpochs();
        var logger = (options.Cluster.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<RabbitMqPublisher>();
        var tap = source.OpenTap(options.Tap);
        var data = new DataSourceWatch(source);
        return new RabbitMqPublisher(
            tap, options, epochs, new PublisherLoop(tap, source.Catalog, epochs, last, options, () => data.Current, logger), data);
    }

    /// <summary>
    /// Adds a key of a feed, whose data is published from this call on. Completes when the server has acknowledged the registration. With
    /// a recorder, the recorder must have the key already, or be adding it: to publish all that is recorded, await both calls together.
    /// </summary>
    /// <param name="feed">The feed, from <see cref="IFrameSource.Catalog"/>.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="keyEpoch">
    /// The placement epoch: a number that increases whenever a key is given to another publisher. Readers drop frames of a lower epoch than
    /// the highest that they have read of the key. 0 if keys are never moved.
    /// </param>
    /// <param name="cancellationToken">Cancels the registration; nothing stays registered.</param>
    /// <exception cref="InvalidOperationException">The feed has order notices, the recorder does not have the key, or the
    /// publisher has it already.</exception>
    /// <exception cref="KisFeedException">As for <see cref="FrameTap.AddAsync(FeedSchema, string, CancellationToken)"/>.</exception>
    /// <exception cref="RabbitMqException">The publisher has ended because retrying would not help.</exception>
    /// <exception cref="ObjectDisposedException">The publisher was stopped.</exception>
    public async Task AddAsync(FeedSchema feed, string key, uint keyEpoch = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(feed);
        if (feed.IsNotice)
        {
            throw new InvalidOperationException(
                $"{feed.TrId}: order notices contain account numbers and orders, so they are not published");
        }
        if (_options.Recorder is { } recorder && !recorder.Has(feed, key))
        {
            throw new InvalidOperationException(
                $"{feed.TrId}: add the key to the recorder before the publisher, so that nothing is missing in the capture");
        }
        if (_tap.Has(feed, key))
            throw new InvalidOperationException($"the publisher already has this key of {feed.TrId}");
        _epochs.Begin(feed.TrId, key, keyEpoch, Now);
        try
        {
            // The key must not wait for the disk, because data may arrive.
            var adding = _tap.AddAsync(feed, key, cancellationToken);
            await _loop.StoreKeysAsync().ConfigureAwait(false);
            await adding.ConfigureAwait(false);
        }
        catch (Exception e) when (!_tap.Has(feed, key))
        {
            _epochs.End(feed.TrId, key, Now, isReleased: false);

            // The tap ends with the publisher, which knows the reason.
            if (e is ObjectDisposedException && Completion.IsFaulted)
                await Completion.ConfigureAwait(false);
            throw;
        }
    }

    Task IFramePublisher.AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken) =>
        AddAsync(feed, key, cancellationToken: cancellationToken);

    Task IFramePublisher.RemoveAsync(FeedSchema feed, string key) => RemoveAsync(feed, key);

    /// <summary>Removes a key of a feed. Completes when the key is released, or at once if others still use it.</summary>
    public async Task RemoveAsync(FeedSchema feed, string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(feed);
        var removing = _tap.RemoveAsync(feed, key, cancellationToken);
        var at = Now;
        try
        {
            await removing.ConfigureAwait(false);
        }
        finally
        {
            if (!_tap.Has(feed, key) && _epochs.End(feed.TrId, key, at, isReleased: true))
                await _loop.StoreKeysAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Stops after everything received is confirmed, or after <see cref="RabbitMqPublisherOptions.StopTimeout"/>, and returns the final
    /// status. With a recorder, the next start continues there.
    /// </summary>
    public async Task<FramePublisherStatus> StopAsync()
    {
        // Not awaited: stopping need not wait until the server has confirmed each release.
        _ = _tap.DisposeAsync().AsTask();
        if (!Completion.IsCompleted)
            _loop.Stop();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Status;
    }

    /// <summary>Stops the publisher, as <see cref="StopAsync"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _data.DisposeAsync().ConfigureAwait(false);
        _loop.Dispose();
    }
}


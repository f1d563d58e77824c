using KisFeed.Capture.Recording;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Capture;

/// <summary>
/// Records everything that a client, or another source of frames, receives. Problems of the disk never delay the sessions or other
/// consumers: a full or missing disk is reported, received frames are queued up to a limit, further frames are dropped and appear as gaps
/// in the capture, and recording continues as soon as the disk can be written to.
/// </summary>
/// <example>
/// <code>
/// await using var recorder = CaptureRecorder.Start(client, new CaptureRecorderOptions { Writer = new() { Directory = "capture" } });
/// await recorder.AddAsync(IndexTrade.Feed.Schema, "0001");
/// await recorder.Completion;
/// </code>
/// </example>
public sealed class CaptureRecorder : IAsyncDisposable
{
    private readonly FrameTap _tap;
    private readonly CaptureRecorderOptions _options;
    private readonly RecorderLoop _loop;
    private readonly StatusMeter<CaptureRecorderStatus> _metrics;

    private CaptureRecorder(FrameTap tap, CaptureWriter writer, CaptureRecorderOptions options)
    {
        _tap = tap;
        _options = options;
        StartedAt = options.TimeProvider.GetUtcNow();
        Recovered = writer.Recovered;
        _loop = new RecorderLoop(
            tap, writer, options, StartedAt, (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<CaptureRecorder>());
        _metrics = RecorderMetrics.Create(options, () => _loop.Status);
        Completion = Task.Run(RunAsync);
    }

    /// <summary>The files that an earlier recorder had not closed, and their recovery.</summary>
    public IReadOnlyList<CaptureRecovery> Recovered { get; }

    /// <summary>When the recorder was started. It has recorded nothing before.</summary>
    internal DateTimeOffset StartedAt { get; }

    internal string Directory => _options.Writer.Directory;

    /// <summary>The current status.</summary>
    public CaptureRecorderStatus Status => _loop.Status;

    /// <summary>The registrations that were refused permanently so far, in order.</summary>
    public IReadOnlyList<CaptureRefusal> Refusals => _loop.Refusals;

    /// <summary>
    /// Completes when everything is written and the files are closed: successfully after <see cref="StopAsync"/> or the end of the
    /// client; with a <see cref="ConnectionLostException"/> when every session has ended; with a <see cref="CaptureException"/> if
    /// received data could not be written in the end.
    /// </summary>
    public Task Completion { get; }

    /// <summary>Starts a recorder without registrations.</summary>
    /// <param name="source">The client, or another source of frames.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">An option is not valid.</exception>
    /// <exception cref="KisFeedConfigurationException">An option of the tap is out of range.</exception>
    /// <exception cref="CaptureException">The folder cannot be written to, or another recorder writes to it.</exception>
    /// <exception cref="ObjectDisposedException">The source was disposed.</exception>
    public static CaptureRecorder Start(IFrameSource source, CaptureRecorderOptions options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var writer = new CaptureWriter(options.Writer with { Catalog = source.Catalog });
        try
        {
            return new CaptureRecorder(source.OpenTap(options.Tap), writer, options);
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Adds a key of a feed. Completes when the server has acknowledged the registration.</summary>
    /// <param name="feed">The feed, from <see cref="IFrameSource.Catalog"/>.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="cancellationToken">Cancels the registration; nothing stays registered.</param>
    /// <exception cref="InvalidOperationException">Recording order notices is not enabled, or the recorder has the key already.</exception>
    /// <exception cref="KisFeedException">As for <see cref="FrameTap.AddAsync(FeedSchema, string, CancellationToken)"/>.</exception>
    public Task AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(feed);
        if (feed.IsNotice && !_options.Notices)
        {
            throw new InvalidOperationException($"{feed.TrId}: order notices contain account numbers and orders, so they are recorded only "
                + $"if {nameof(CaptureRecorderOptions)}.{nameof(CaptureRecorderOptions.Notices)} is set");
        }
        return _tap.AddAsync(feed, key, cancellationToken);
    }

    internal bool Has(FeedSchema feed, string key) => _tap.Has(feed, key);

    /// <summary>Removes a key of a feed. Completes when the key is released, or at once if others still use it.</summary>
    public Task RemoveAsync(FeedSchema feed, string key, CancellationToken cancellationToken = default) =>
        _tap.RemoveAsync(feed, key, cancellationToken);

    /// <summary>
    /// Writes everything that was received before the call, without waiting for <see cref="CaptureRecorderOptions.FlushInterval"/>.
    /// Completes when it is in files, which takes as long as the disk cannot be written to, or when the recorder has ended.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; the data is written nevertheless.</param>
    /// <returns>
    /// The time of the last line in the files, which is in them: a reader that is to have it must read beyond that time. Later lines
    /// have the same time or a later one. The time at which the recorder was started, if it has written no line;
    /// <see langword="null"/> if it has ended.
    /// </returns>
    public Task<DateTimeOffset?> FlushAsync(CancellationToken cancellationToken = default) =>
        _loop.FlushAsync().WaitAsync(cancellationToken);

    /// <summary>
    /// Returns the status after each write, after each failed write, and at the end. A slow reader misses
    /// the oldest values, never the latest.
    /// </summary>
    /// <param name="cancellationToken">Cancels the enumeration.</param>
    public IAsyncEnumerable<CaptureRecorderStatus> WatchAsync(CancellationToken cancellationToken = default) =>
        _loop.WatchAsync(cancellationToken);

    /// <summary>
    /// Stops the recorder: accepts no more frames, writes everything received before, and closes the files. Returns the final status. While
    /// the disk cannot be written to, writing is retried for <see cref="CaptureRecorderOptions.StopTimeout"/>.
    /// </summary>
    public async Task<CaptureRecorderStatus> StopAsync()
    {
        // Not awaited: stopping need not wait until the server has confirmed each release.
        _ = _tap.DisposeAsync().AsTask();
        _loop.Stop();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Status;
    }

    /// <summary>Stops the recorder, as <see cref="StopAsync"/>.</summary>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private async Task RunAsync()
    {
        using (_metrics)
            await _loop.RunAsync().ConfigureAwait(false);
    }
}

/// <summary>A registration that was refused permanently, at the start or after a reconnect.</summary>
/// <param name="Feed">The feed.</param>
/// <param name="Key">The key; for order notices, the HTS ID.</param>
/// <param name="Refusal">The refusal.</param>
public sealed record CaptureRefusal(FeedSchema Feed, string Key, RegistrationRefused Refusal)
{
    /// <summary>Returns the TR ID and the reason, without the key.</summary>
    public override string ToString() => $"{Feed.TrId}: {Refusal.Problem}";
}

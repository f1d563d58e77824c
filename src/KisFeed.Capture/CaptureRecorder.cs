using System.Runtime.CompilerServices;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>
/// Records what a client receives, off the path on which it is received: nothing that happens to the disk holds up the sessions or other consumers. A disk that is full or gone is
/// reported, what was received waits as far as there is room, what does not fit is dropped and stands as gaps in the capture, and recording goes on as soon as the disk can be
/// written to.
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
    private readonly RecorderMetrics _metrics;

    private CaptureRecorder(FrameTap tap, CaptureWriter writer, CaptureRecorderOptions options)
    {
        _tap = tap;
        _options = options;
        Recovered = writer.Recovered;
        _loop = new RecorderLoop(tap, writer, options);
        _metrics = new RecorderMetrics(options, () => _loop.Status);
        Completion = Task.Run(_loop.RunAsync);
        _ = Completion.ContinueWith(
            task =>
            {
                _ = task.Exception;
                _metrics.Dispose();
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>The files that an earlier recorder had not closed, and what was done about them.</summary>
    public IReadOnlyList<CaptureRecovery> Recovered { get; }

    /// <summary>How it is getting on.</summary>
    public CaptureRecorderStatus Status => _loop.Status;

    /// <summary>Registrations that were refused for good so far, in order.</summary>
    public IReadOnlyList<CaptureRefusal> Refusals => _loop.Refusals;

    /// <summary>
    /// Ends when all is written and the files are closed: successfully after <see cref="StopAsync"/> or the end of the client; with a <see cref="ConnectionLostException"/> when every session
    /// has ended; with a <see cref="CaptureException"/> when something that was received could not be written at last.
    /// </summary>
    public Task Completion { get; }

    /// <summary>Begins to record into a folder, for now nothing.</summary>
    /// <param name="client">The client.</param>
    /// <param name="options">Where to, and what is done when that fails.</param>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    /// <exception cref="KisFeedConfigurationException">An option of the tap is out of range.</exception>
    /// <exception cref="CaptureException">The folder cannot be written to, or another recorder writes to it.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    public static CaptureRecorder Start(KisFeedClient client, CaptureRecorderOptions options)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var writer = new CaptureWriter(options.Writer with { Catalog = client.Catalog });
        try
        {
            return new CaptureRecorder(client.OpenTap(options.Tap), writer, options);
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Records a key of a feed too. Returns once the server has acknowledged.</summary>
    /// <param name="feed">The feed, from <see cref="KisFeedClient.Catalog"/>.</param>
    /// <param name="key">The key within the feed.</param>
    /// <param name="cancellationToken">Ends the wait; nothing stays registered then.</param>
    /// <exception cref="InvalidOperationException">Order notices are not to be recorded, or the recorder has the key already.</exception>
    /// <exception cref="KisFeedException">As for <see cref="FrameTap.AddAsync"/>.</exception>
    public Task AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(feed);
        if (feed.IsNotice && !_options.Notices)
            throw new InvalidOperationException($"{feed.TrId}: order notices hold account numbers and orders, so they are recorded only where {nameof(CaptureRecorderOptions)}.{nameof(CaptureRecorderOptions.Notices)} is set");
        return _tap.AddAsync(feed, key, cancellationToken);
    }

    /// <summary>Records a key of a feed no more. Returns once it is released, or at once where others keep it.</summary>
    public Task RemoveAsync(FeedSchema feed, string key, CancellationToken cancellationToken = default) => _tap.RemoveAsync(feed, key, cancellationToken);

    /// <summary>
    /// How it is getting on, each time that something was written or could not be, and at the end. A reader that is slow misses the oldest, never the latest.
    /// </summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    public async IAsyncEnumerable<CaptureRecorderStatus> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var observer = _loop.Observe();
        try
        {
            await foreach (var status in observer.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return status;
        }
        finally
        {
            _loop.StopObserving(observer);
        }
    }

    /// <summary>
    /// Ends: nothing more is taken, everything received before is written, and the files are closed. Returns how that went; while the disk cannot be written to, it is tried for
    /// <see cref="CaptureRecorderOptions.EndPatience"/>.
    /// </summary>
    public async Task<CaptureRecorderStatus> StopAsync()
    {
        // Nobody need wait until the server has confirmed each release.
        _ = _tap.DisposeAsync().AsTask();
        _loop.Stop();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Status;
    }

    /// <summary>Ends, as <see cref="StopAsync"/>.</summary>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);
}

/// <summary>How a recorder is getting on. Frames are counted once each, whatever registrations they are of.</summary>
public sealed record CaptureRecorderStatus
{
    /// <summary>Frames received, dropped and malformed ones included.</summary>
    public required long Received { get; init; }

    /// <summary>Frames that are in files for sure: with <see cref="CaptureWriterOptions.FlushToDisk"/> they outlive whatever happens next.</summary>
    public required long Flushed { get; init; }

    /// <summary>Frames dropped because too many waited for the disk. They stand as gaps in the capture.</summary>
    public required long Dropped { get; init; }

    /// <summary>Frames that could not be read. They are recorded as they are, but for those <see cref="Withheld"/>.</summary>
    public required long Malformed { get; init; }

    /// <summary>Malformed messages that are not recorded, because they are no frames and may hold keys, or hold order notices that nobody asked for.</summary>
    public required long Withheld { get; init; }

    /// <summary>Gaps recorded, of whatever reason, one for each registration.</summary>
    public required long Gaps { get; init; }

    /// <summary>Bytes that are in files for sure, packed.</summary>
    public required long Bytes { get; init; }

    /// <summary>Files that were begun or gone on with.</summary>
    public required long Files { get; init; }

    /// <summary>Files that somebody removed while they were being written; what was in them is lost.</summary>
    public required long LostFiles { get; init; }

    /// <summary>How often writing has failed.</summary>
    public required long Failures { get; init; }

    /// <summary>Why nothing can be written at present; <see langword="null"/> where it can.</summary>
    public string? Problem { get; init; }

    /// <summary>The same in a few words that name no path, for readers who may not see how the machine is set up.</summary>
    public string? ProblemSummary { get; init; }

    /// <summary>Since when nothing can be written.</summary>
    public DateTimeOffset? ProblemSince { get; init; }

    /// <summary>When something was last written.</summary>
    public DateTimeOffset? LastFlushAt { get; init; }

    /// <summary>Whether the recorder has ended.</summary>
    public bool HasEnded { get; init; }

    /// <summary>Frames that were received and could not be written by the end.</summary>
    public long Lost { get; init; }

    /// <summary>Frames received that are neither written nor dropped yet.</summary>
    public long Waiting => HasEnded ? 0 : Math.Max(0, Received - Dropped - Withheld - Flushed);
}

/// <summary>A registration that a recorder was refused for good, at the start or when it was to be restored.</summary>
/// <param name="Feed">The feed.</param>
/// <param name="Key">The key, which for order notices is the HTS ID.</param>
/// <param name="Refusal">Why.</param>
public sealed record CaptureRefusal(FeedSchema Feed, string Key, RegistrationRefused Refusal)
{
    /// <summary>The TR ID and why; nothing of the key.</summary>
    public override string ToString() => $"{Feed.TrId}: {Refusal.Problem}";
}

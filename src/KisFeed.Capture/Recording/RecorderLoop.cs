using System.Runtime.CompilerServices;
using KisFeed.Capture.Writing;
using KisFeed.Client;
using KisFeed.Session;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Capture.Recording;

/// <summary>
/// Reads the tap, writes its items, and flushes at intervals. While a flush fails, nothing is read: the items already read are kept, and
/// the queue of the tap is bounded. Failed writes are retried with growing delays until they succeed or the recorder stops.
/// </summary>
internal sealed class RecorderLoop
{
    private const int MaxItemsPerBatch = 256;

    private static readonly TimeSpan s_pruneInterval = TimeSpan.FromHours(1);

    // A longer write is reported as a problem: the disk may never answer, for example on a lost network share.
    private static readonly TimeSpan s_longWrite = TimeSpan.FromSeconds(10);
    private static readonly Task s_never = new TaskCompletionSource().Task;

    private readonly FrameTap _tap;
    private readonly CaptureWriter _writer;
    private readonly CaptureRecorderOptions _options;
    private readonly CaptureEncoder _encoder;
    private readonly CapturePruner? _pruner;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StatusObservers<CaptureRecorderStatus> _observers = new();
    private readonly DiskThread _disk = DiskThread.Start();
    private readonly DateTimeOffset _startedAt;
    private readonly FlushRequests _requests;

    // One signal for everything that the loop waits for, so that waiting does not allocate: the tap wakes
    // its reader a thousand times a second.
    private readonly AsyncWaiter _wakeup = new(mayRunConsumer: true);
    private readonly Action _onReadable;
    private readonly Action _onDue;
    private CaptureRecorderStatus _written;
    private ConfiguredValueTaskAwaitable<bool>.ConfiguredValueTaskAwaiter? _waiting;
    private FrameItem _item;
    private bool _hasItem;
    private long _encodedFrames;
    private bool _isUnwritten;
    private bool _hasWrittenEnd;
    private int _failuresInARow;
    private long _writingSince; // 0 while nothing is being written.
    private Task _pruneDue = s_never;
    private long _prunedAtFiles;
    private long? _endingSince;

    // The duration of recent flushes: a slowly decaying maximum.
    private TimeSpan _flushTime;

    public RecorderLoop(FrameTap tap, CaptureWriter writer, CaptureRecorderOptions options, DateTimeOffset startedAt, ILogger logger)
    {
        _tap = tap;
        _writer = writer;
        _options = options;
        _startedAt = startedAt;
        _onReadable = _wakeup.SetHere;
        _onDue = _wakeup.Set;
        _requests = new FlushRequests(_onDue);
        _encoder = new CaptureEncoder(writer, writer.Catalog, options.Notices);
        _logger = logger;
        _pruner = options.Retention.HasLimit
            ? new CapturePruner(
                Path.GetFullPath(options.Writer.Directory),
                options.Retention,
                (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<CaptureRetention>())
            : null;
        _written = new CaptureRecorderStatus
        {
            Received = 0,
            Flushed = 0,
            Dropped = 0,
            Malformed = 0,
            Gaps = 0,
            Bytes = 0,
            Files = 0,
            LostFiles = 0,
            Failures = 0,
            Withheld = 0,
        };
    }

    /// <summary>The status. The counts of the tap are current, the others are those of the last flush.</summary>
    public CaptureRecorderStatus Status =>
        WithLongWrite(Volatile.Read(ref _written) with { Received = _tap.Received, Dropped = _tap.Dropped, Malformed = _tap.Malformed });

    /// <summary>Registrations that were refused permanently.</summary>
    public IReadOnlyList<CaptureRefusal> Refusals => _encoder.Refusals;

    private DateTimeOffset Now => _options.TimeProvider.GetUtcNow();

    /// <summary>Stops the loop once the tap has ended. From now on, failed writes are retried only for a limited time.</summary>
    public void Stop() => _stopping.TrySetResult();

    /// <summary>The status now and after each change.</summary>
    public IAsyncEnumerable<CaptureRecorderStatus> WatchAsync(CancellationToken cancellationToken) =>
        _observers.ReadAsync(() => _observers.Add(() => [Status]), cancellationToken);

    /// <summary>
    /// Writes everything that the tap has now. Returns the time of the last line written, or of the start if there is none;
    /// <see langword="null"/> if the loop has ended.
    /// </summary>
    public Task<DateTimeOffset?> FlushAsync() => _requests.AddAsync();

    public async Task RunAsync()
    {
        var lost = 0L;
        try
        {
            try
            {
                await RetryAsync(RecordAsync).ConfigureAwait(false);
            }
            finally
            {
                await RetryAsync(CloseAsync).ConfigureAwait(false);
            }
        }
        catch (CaptureException e)
        {
            lost = await CountLostAsync().ConfigureAwait(false);
            RecorderLog.Lost(_logger, _options.Writer.Directory, lost, e.Message);
            throw new CaptureException($"{lost} frames could not be written to {_options.Writer.Directory} by the end: {e.Message}", e);
        }
        finally
        {
            _disk.Dispose();
            _writer.Dispose();
            _requests.End();
            Publish(WithCounts(_written) with { HasEnded = true, Lost = lost });
            _observers.End();
        }
    }

    private async Task RecordAsync()
    {
        if (_hasItem)
            EncodeItems();
        var due = _isUnwritten ? DelayAsync(RemainingDelay(TimeSpan.Zero)) : s_never;
        await PruneAsync().ConfigureAwait(false);
        while (true)
        {
            var waiting = _waiting ??= WaitForTap();
            if (!waiting.IsCompleted && !due.IsCompleted && !_pruneDue.IsCompleted && !_requests.HasPending)
            {
                var wakeup = _wakeup.WaitAsync(CancellationToken.None);

                // It may have happened just before.
                if (waiting.IsCompleted || due.IsCompleted || _pruneDue.IsCompleted || _requests.HasPending)
                    _wakeup.Set();
                await wakeup.ConfigureAwait(false);
            }

            if (_pruneDue.IsCompleted)
                await PruneAsync().ConfigureAwait(false);
            if (waiting.IsCompleted)
            {
                _waiting = null;
#pragma warning disable VSTHRD103 // It has completed.
                if (!waiting.GetResult())
                    return;
#pragma warning restore VSTHRD103
                EncodeItems();
            }

            if (due == s_never && _isUnwritten)
                due = DelayAsync(RemainingDelay(TimeSpan.Zero));
            if (_requests.TryTake())
                EncodeWaiting();
            else if (!due.IsCompleted && !_writer.IsFull)
                continue;
            var begin = _options.TimeProvider.GetTimestamp();
            await WriteAsync(_writer.Flush).ConfigureAwait(false);
            _requests.Complete(_writer.LastAt ?? _startedAt);
            var took = _options.TimeProvider.GetElapsedTime(begin);
            if (_writer.Files != _prunedAtFiles)
                await PruneAsync().ConfigureAwait(false);
            _flushTime = TimeSpan.FromTicks(Math.Max(took.Ticks, _flushTime.Ticks - (_flushTime.Ticks / 8)));

            // Items that arrived during the flush have already waited for its duration.
            waiting = _waiting ??= WaitForTap();
            due = waiting.IsCompleted ? DelayAsync(RemainingDelay(took)) : s_never;
        }
    }

    private ConfiguredValueTaskAwaitable<bool>.ConfiguredValueTaskAwaiter WaitForTap()
    {
#pragma warning disable CA2012 // Its result is read once; until then it lasts, like a task, over several flushes.
        var waiting = _tap.WaitToReadAsync().ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        if (!waiting.IsCompleted)
            waiting.UnsafeOnCompleted(_onReadable);
        return waiting;
    }

    // A delay that wakes the loop.
    private Task DelayAsync(TimeSpan delay)
    {
        var task = Task.Delay(delay, _options.TimeProvider);
        task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onDue);
        return task;
    }

    // The flush must complete within the interval, not just start. At least a quarter of the interval remains, so that a
    // slow disk is not flushed continuously.
    private TimeSpan RemainingDelay(TimeSpan waited) =>
        TimeSpan.FromTicks(Math.Max((_options.FlushInterval - waited - _flushTime).Ticks, _options.FlushInterval.Ticks / 4));

    // Everything that waits now; what arrives meanwhile is left. The tap is read without waiting for it: it wakes its reader only after a
    // batch of frames, and others may have read some of them already.
    private void EncodeWaiting()
    {
        for (var end = _encodedFrames + _tap.QueueDepth; EncodeItems() && _encodedFrames <= end;)
        {
        }
    }

    // An item is kept until it is written, so that it is not lost if memory is short. Returns whether there may be more.
    private bool EncodeItems()
    {
        var i = 0;
        for (; i < MaxItemsPerBatch && (_hasItem || _tap.TryRead(out _item)); i++)
        {
            _hasItem = true;
            try
            {
                _options.BeforeWrite?.Invoke(_item);
                _encoder.Write(_item);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // A bug, which would occur with this item again.
                RecorderLog.NotRecorded(_logger, _item.TrId, e);
                _encoder.WriteMissing(_item);
            }

            _hasItem = false;
            _isUnwritten = true;
            _encodedFrames += _item.IsFrame || _item.Event is MalformedFrame ? 1 : 0;
        }

        return i == MaxItemsPerBatch;
    }

    private async Task CloseAsync()
    {
        if (!_hasWrittenEnd)
            _encoder.WriteEnd(Now);
        _hasWrittenEnd = true;
        await WriteAsync(_writer.Close).ConfigureAwait(false);
    }

    private Task WriteAsync(Action write) => RetryAsync(() => OnDiskAsync(write));

    // Retries until it succeeds, or until the stop timeout. Any exception is retried, even a bug: a recorder
    // that gives up loses all further data.
    private async Task RetryAsync(Func<Task> act)
    {
        while (true)
        {
            try
            {
                await act().ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (e is not (KisFeedException or CaptureException))
            {
                var hasBegun = _written.ProblemSince is null;
                OnFailed(e);
                if (HasStopTimedOut())
                    throw new CaptureException(WriteFailure.TextOf(e), e);
                if (!_writer.IsClosed && (hasBegun || _pruneDue.IsCompleted))
                    await PruneAsync().ConfigureAwait(false); // It may free space.
            }

            var delay = Backoff.After(_options.RetryInterval, IsEnding ? 0 : _failuresInARow - 1, _options.MaxRetryInterval);
            var retry = Task.Delay(delay, _options.TimeProvider);
            await (IsEnding ? retry : Task.WhenAny(retry, _stopping.Task)).ConfigureAwait(false);
        }
    }

    // Recording continues if a file cannot be deleted.
    private async Task PruneAsync()
    {
        if (_pruner is null)
            return;
        if (_pruneDue == s_never || _pruneDue.IsCompleted)
            _pruneDue = DelayAsync(s_pruneInterval);
        _prunedAtFiles = _writer.Files;
        try
        {
            await _disk.RunAsync(() => _writer.Prune(_pruner, Now)).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A failure here must not stop recording.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _pruner.ReportFailure(e);
        }
    }

    private async Task OnDiskAsync(Action write)
    {
        Volatile.Write(ref _writingSince, Math.Max(_options.TimeProvider.GetTimestamp(), 1));
        try
        {
            await _disk.RunAsync(() =>
            {
                _options.BeforeFlush?.Invoke();
                if (!_writer.IsClosed)
                    write();
            }).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _writingSince, 0);
        }

        OnSucceeded();
    }

    private CaptureRecorderStatus WithLongWrite(CaptureRecorderStatus status)
    {
        if (status.Problem is not null || Volatile.Read(ref _writingSince) is not (> 0 and var since))
            return status;
        var taken = _options.TimeProvider.GetElapsedTime(since);
        return taken < s_longWrite
            ? status
            : status with
            {
                Problem = $"a write has not returned for {(int)taken.TotalSeconds} s",
                ProblemSummary = "a write does not return",
                ProblemSince = Now - taken,
            };
    }

    private bool IsEnding => _stopping.Task.IsCompleted;

    private bool HasStopTimedOut()
    {
        if (!IsEnding)
            return false;
        _endingSince ??= _options.TimeProvider.GetTimestamp();
        return _options.TimeProvider.GetElapsedTime(_endingSince.Value) >= _options.StopTimeout;
    }

    private void OnSucceeded()
    {
        var before = _written;
        _failuresInARow = 0;
        _isUnwritten = false;
        if (_writer.LostFiles > before.LostFiles)
            RecorderLog.FilesLost(_logger, _options.Writer.Directory, _writer.LostFiles - before.LostFiles);
        if (before.ProblemSince is { } since)
        {
            // A closed writer cannot record it.
            if (!_writer.IsClosed)
            {
                _encoder.WriteStorage(since, Now, before.Problem!);
                _isUnwritten = true;
            }

            RecorderLog.Resumed(_logger, _options.Writer.Directory, (Now - since).TotalSeconds, _tap.Dropped);
        }

        Publish(WithCounts(before) with { Problem = null, ProblemSummary = null, ProblemSince = null, LastFlushAt = Now });
    }

    private void OnFailed(Exception e)
    {
        var before = _written;
        var problem = WriteFailure.TextOf(e);
        _failuresInARow++;
        _isUnwritten = true; // The next flush shows whether writing works again.
        if (before.ProblemSince is null || before.Problem != problem)
            Log(e, problem);
        Publish(WithCounts(before) with
        {
            Failures = before.Failures + 1,
            Problem = problem,
            ProblemSummary = WriteFailure.SummaryOf(e),
            ProblemSince = before.ProblemSince ?? Now,
        });
    }

    private void Log(Exception e, string problem)
    {
        if (WriteFailure.IsExpected(e))
            RecorderLog.CannotWrite(_logger, _options.Writer.Directory, problem);
        else
            RecorderLog.Failed(_logger, _options.Writer.Directory, e);
    }

    private CaptureRecorderStatus WithCounts(CaptureRecorderStatus status) => status with
    {
        Flushed = _writer.FlushedFrames,
        Bytes = _writer.FlushedBytes,
        Files = _writer.Files,
        LostFiles = _writer.LostFiles,
        Gaps = _encoder.Gaps,
        Withheld = _encoder.Withheld,
    };

    private void Publish(CaptureRecorderStatus status)
    {
        Volatile.Write(ref _written, status);
        _observers.Publish(Status);
    }

    // Items that were read but not flushed, and items that were never read.
    private async Task<long> CountLostAsync()
    {
        await _tap.DisposeAsync().ConfigureAwait(false);
        var lost = _writer.Frames - _writer.FlushedFrames + (_hasItem && _item.IsFrame ? 1 : 0);
        while (_tap.TryRead(out var item))
        {
            if (item.IsFrame || item.Event is MalformedFrame)
                lost++;
        }

        return lost;
    }
}

/// <summary>The log messages of the recorder. Event ids are stable; messages contain no received data.</summary>
internal static partial class RecorderLog
{
    [LoggerMessage(2001, LogLevel.Error,
        "{Folder} cannot be written to: {Problem}. Received frames are queued up to a limit; writing is retried until it succeeds")]
    public static partial void CannotWrite(ILogger logger, string folder, string problem);

    [LoggerMessage(2002, LogLevel.Warning,
        "{Folder} can be written to again after {Seconds:0.0} s; {Dropped} frames were dropped so far and are recorded as gaps")]
    public static partial void Resumed(ILogger logger, string folder, double seconds, long dropped);

    [LoggerMessage(2003, LogLevel.Error, "{Count} files were removed from {Folder} while they were being written; their content is lost, "
        + "and recording continues in new files")]
    public static partial void FilesLost(ILogger logger, string folder, long count);

    [LoggerMessage(2004, LogLevel.Error, "The last {Count} frames received could not be written to {Folder}: {Problem}")]
    public static partial void Lost(ILogger logger, string folder, long count, string problem);

    [LoggerMessage(2005, LogLevel.Critical, "The recorder of {Folder} failed unexpectedly and will retry")]
    public static partial void Failed(ILogger logger, string folder, Exception error);

    [LoggerMessage(2006, LogLevel.Error, "A frame or event of {TrId} could not be recorded and is recorded as a gap")]
    public static partial void NotRecorded(ILogger logger, string? trId, Exception error);
}

using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Capture;

/// <summary>
/// Takes what the tap has, and flushes it when it is time. While that fails nothing is taken: what was taken is kept, and the tap's queue is what is bounded. The disk is
/// written to on threads of their own, since it may take any time.
/// </summary>
internal sealed class RecorderLoop
{
    private const int MostBetweenChecks = 256;
    private const int StatusesKept = 64;

    private static readonly TimeSpan s_pruneInterval = TimeSpan.FromHours(1);
    private static readonly Task s_never = new TaskCompletionSource().Task;

    private readonly FrameTap _tap;
    private readonly CaptureWriter _writer;
    private readonly CaptureRecorderOptions _options;
    private readonly TapTranscript _transcript;
    private readonly CapturePruner? _pruner;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly List<Channel<CaptureRecorderStatus>> _observers = [];
    private CaptureRecorderStatus _written;
    private bool _isUnwritten;
    private Task _pruneDue = s_never;
    private long _prunedAtFiles;
    private long? _endingSince;

    // What flushes take of late, by the longest.
    private TimeSpan _flushTime;

    public RecorderLoop(FrameTap tap, CaptureWriter writer, CaptureRecorderOptions options)
    {
        _tap = tap;
        _writer = writer;
        _options = options;
        _transcript = new TapTranscript(writer, writer.Catalog, options.Notices);
        _logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<CaptureRecorder>();
        _pruner = options.Retention.HasLimit
            ? new CapturePruner(Path.GetFullPath(options.Writer.Directory), options.Retention, (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<CaptureRetention>())
            : null;
        _written = new CaptureRecorderStatus { Received = 0, Flushed = 0, Dropped = 0, Malformed = 0, Gaps = 0, Bytes = 0, Files = 0, LostFiles = 0, Failures = 0, Withheld = 0 };
    }

    /// <summary>How it is getting on. The counts of the tap are those of now, the others those of the last flush.</summary>
    public CaptureRecorderStatus Status => Volatile.Read(ref _written) with { Received = _tap.Received, Dropped = _tap.Dropped, Malformed = _tap.Malformed };

    /// <summary>Registrations that were refused for good.</summary>
    public IReadOnlyList<CaptureRefusal> Refusals => _transcript.Refusals;

    private DateTimeOffset Now => _options.TimeProvider.GetUtcNow();

    /// <summary>The tap is being ended. What cannot be written is not tried for ever from now on.</summary>
    public void Stop() => _stopping.TrySetResult();

    public Channel<CaptureRecorderStatus> Observe()
    {
        var observer = Channel.CreateBounded<CaptureRecorderStatus>(new BoundedChannelOptions(StatusesKept) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_gate)
        {
            var status = Status;
            observer.Writer.TryWrite(status);
            if (status.HasEnded)
                observer.Writer.TryComplete();
            else
                _observers.Add(observer);
        }

        return observer;
    }

    public void EndObserving(Channel<CaptureRecorderStatus> observer)
    {
        lock (_gate)
            _observers.Remove(observer);
    }

    public async Task RunAsync()
    {
        var lost = 0L;
        try
        {
            try
            {
                await RecordAsync().ConfigureAwait(false);
            }
            finally
            {
                _transcript.WriteEnd(Now);
                await WriteAsync(_writer.Close).ConfigureAwait(false);
            }
        }
        catch (IOException e)
        {
            lost = await CountLostAsync().ConfigureAwait(false);
            RecorderLog.Lost(_logger, _options.Writer.Directory, lost, e.Message);
            throw new CaptureException($"{lost} frames that were received could not be written to {_options.Writer.Directory} by the end: {e.Message}", e);
        }
        catch (Exception e) when (e is not KisFeedException)
        {
            // A mistake of ours: a recorder that nobody writes for must not seem to record.
            lost = await CountLostAsync().ConfigureAwait(false);
            RecorderLog.Failed(_logger, _options.Writer.Directory, lost, e);
            Publish(_written with { Problem = $"the recorder failed ({e.GetType().Name})", ProblemSince = _written.ProblemSince ?? Now });
            throw;
        }
        finally
        {
            _writer.Dispose();
            End(lost);
        }
    }

    private async Task RecordAsync()
    {
        Task<bool>? waiting = null;
        var due = s_never;
        await PruneAsync().ConfigureAwait(false);
        while (true)
        {
            waiting ??= _tap.WaitToReadAsync().AsTask();
            if (!waiting.IsCompleted)
                await Task.WhenAny(waiting, due, _pruneDue).ConfigureAwait(false);
            if (_pruneDue.IsCompleted)
                await PruneAsync().ConfigureAwait(false);
            if (waiting.IsCompleted)
            {
                if (!await waiting.ConfigureAwait(false))
                    return;
                waiting = null;
                Take();
            }

            if (due == s_never && _isUnwritten)
                due = Task.Delay(Rest(TimeSpan.Zero), _options.TimeProvider);
            if (!due.IsCompleted && !_writer.IsFull)
                continue;
            var begin = _options.TimeProvider.GetTimestamp();
            await WriteAsync(_writer.Flush).ConfigureAwait(false);
            var took = _options.TimeProvider.GetElapsedTime(begin);
            if (_writer.Files != _prunedAtFiles)
                await PruneAsync().ConfigureAwait(false);
            _flushTime = TimeSpan.FromTicks(Math.Max(took.Ticks, _flushTime.Ticks - (_flushTime.Ticks / 8)));

            // What has come meanwhile has waited as long as the disk took.
            waiting ??= _tap.WaitToReadAsync().AsTask();
            due = waiting.IsCompleted ? Task.Delay(Rest(took), _options.TimeProvider) : s_never;
        }
    }

    // By the end of the interval it is to be written, not begun to be. A quarter of it remains however slow the disk is, or it would only be flushed.
    private TimeSpan Rest(TimeSpan waited) =>
        TimeSpan.FromTicks(Math.Max((_options.FlushInterval - waited - _flushTime).Ticks, _options.FlushInterval.Ticks / 4));

    private void Take()
    {
        for (var i = 0; i < MostBetweenChecks && _tap.TryRead(out var item); i++)
        {
            _transcript.Write(item);
            _isUnwritten = true;
        }
    }

    // Until it succeeds; or, once the recorder is to end, until patience does.
    private async Task WriteAsync(Action write)
    {
        while (true)
        {
            try
            {
                await OnDiskAsync(write).ConfigureAwait(false);
                Succeeded();
                return;
            }
            catch (IOException e)
            {
                var hasBegun = _written.ProblemSince is null;
                Failed(e);
                if (IsPatienceOver())
                    throw;
                if (!_writer.IsClosed && (hasBegun || _pruneDue.IsCompleted))
                    await PruneAsync().ConfigureAwait(false); // It may make room.
            }

            var retry = Task.Delay(_options.RetryInterval, _options.TimeProvider);
            await (IsEnding ? retry : Task.WhenAny(retry, _stopping.Task)).ConfigureAwait(false);
        }
    }

    // Recording goes on when a file cannot be deleted.
    private async Task PruneAsync()
    {
        if (_pruner is null)
            return;
        if (_pruneDue == s_never || _pruneDue.IsCompleted)
            _pruneDue = Task.Delay(s_pruneInterval, _options.TimeProvider);
        _prunedAtFiles = _writer.Files;
        try
        {
            await OnThreadAsync(() => _writer.Prune(_pruner, Now)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _pruner.ReportFailure(e);
        }
    }

    private Task OnDiskAsync(Action write) => OnThreadAsync(() =>
    {
        _options.Disk?.Invoke();
        write();
    });

    private static Task OnThreadAsync(Action act) => Task.Factory.StartNew(
        act,
        CancellationToken.None,
        TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
        TaskScheduler.Default);

    private bool IsEnding => _stopping.Task.IsCompleted;

    private bool IsPatienceOver()
    {
        if (!IsEnding)
            return false;
        _endingSince ??= _options.TimeProvider.GetTimestamp();
        return _options.TimeProvider.GetElapsedTime(_endingSince.Value) >= _options.EndPatience;
    }

    private void Succeeded()
    {
        var before = _written;
        _isUnwritten = false;
        if (_writer.LostFiles > before.LostFiles)
            RecorderLog.FilesLost(_logger, _options.Writer.Directory, _writer.LostFiles - before.LostFiles);
        if (before.ProblemSince is { } since)
        {
            // Where it has just been closed there is nowhere left to say so.
            if (!_writer.IsClosed)
            {
                _transcript.WriteStorage(since, Now, before.Problem!);
                _isUnwritten = true;
            }

            RecorderLog.Resumed(_logger, _options.Writer.Directory, (Now - since).TotalSeconds, _tap.Dropped);
        }

        Publish(Counted(before) with { Problem = null, ProblemSince = null, LastFlushAt = Now });
    }

    private void Failed(IOException e)
    {
        var before = _written;
        if (before.ProblemSince is null)
            RecorderLog.CannotWrite(_logger, _options.Writer.Directory, e.Message);
        Publish(Counted(before) with { Failures = before.Failures + 1, Problem = e.Message, ProblemSince = before.ProblemSince ?? Now });
    }

    private CaptureRecorderStatus Counted(CaptureRecorderStatus status) => status with
    {
        Flushed = _writer.FlushedFrames,
        Bytes = _writer.FlushedBytes,
        Files = _writer.Files,
        LostFiles = _writer.LostFiles,
        Gaps = _transcript.Gaps,
        Withheld = _transcript.Withheld,
    };

    private void Publish(CaptureRecorderStatus status)
    {
        lock (_gate)
        {
            Volatile.Write(ref _written, status);
            var full = Status;
            foreach (var observer in _observers)
                observer.Writer.TryWrite(full);
        }
    }

    // What was taken and is in no file, and what was never taken.
    private async Task<long> CountLostAsync()
    {
        await _tap.DisposeAsync().ConfigureAwait(false);
        var lost = _writer.Frames - _writer.FlushedFrames;
        while (_tap.TryRead(out var item))
        {
            if (item.IsFrame || item.Event is MalformedFrame)
                lost++;
        }

        return lost;
    }

    private void End(long lost)
    {
        Publish(Counted(_written) with { HasEnded = true, Lost = lost });
        lock (_gate)
        {
            foreach (var observer in _observers)
                observer.Writer.TryComplete();
            _observers.Clear();
        }
    }
}

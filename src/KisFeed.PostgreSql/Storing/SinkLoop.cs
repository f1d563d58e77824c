using System.Globalization;
using KisFeed.Capture.Following;
using KisFeed.PostgreSql.Rows;
using KisFeed.PostgreSql.Tables;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace KisFeed.PostgreSql.Storing;

/// <summary>
/// Reads a capture, and stores it batch by batch. A batch is kept until it is committed, and after a lost connection the database is asked whether it was, so that
/// nothing is lost or stored twice. Failures are retried with growing delays, except those that need people.
/// </summary>
internal sealed class SinkLoop : IDisposable
{
    private const int MaxFileText = 1 << 20;

    private static readonly TimeSpan s_pruneInterval = TimeSpan.FromHours(1);

    // The server notices within this time that the machine of another sink has disappeared.
    private static readonly TimeSpan s_takeoverLimit = TimeSpan.FromMinutes(1);

    private readonly PostgreSqlSinkOptions _options;
    private readonly SinkDatabase _database;
    private readonly SchemaUpdater _updater;
    private readonly CheckpointTable _checkpoints;
    private readonly BatchWriter _writer;
    private readonly ILogger _logger;
    private readonly SinkProgress _progress;
    private readonly StoreBatch _batch = new();
    private readonly Dictionary<string, DateTimeOffset> _last = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unknownFeeds = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _aborting = new();

    private FeedCatalog _catalog;
    private FeedCatalog _encodedCatalog;
    private BatchEncoder _encoder;
    private List<Checkpoint>? _unchecked; // Positions of files that may have been removed while no sink was running.
    private CaptureFollower? _follower;
    private NpgsqlConnection? _connection;
    private bool _isFilled; // The batch is complete, rather than an exception having interrupted it.
    private bool _skipsDuplicates;
    private bool _hasStored;
    private int _failuresInARow;
    private DateTimeOffset? _busySince;
    private DateTimeOffset? _prunedAt;
    private string? _captureProblem;
    private string? _retentionProblem;
    private string? _problem;
    private DateTimeOffset _problemSince;

    public SinkLoop(PostgreSqlSinkOptions options, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _database = new SinkDatabase(options.ConnectionString);
        var schema = new SchemaSql(options.Schema);
        _updater = new SchemaUpdater(options.Schema);
        _checkpoints = new CheckpointTable(schema, options.Capture);
        _writer = new BatchWriter(schema, _updater, _checkpoints, options.OnStep);
        _progress = new SinkProgress(options.TimeProvider);
        _catalog = _encodedCatalog = options.Catalog;
        _encoder = new BatchEncoder(_catalog, options.Capture, options.Notices, _last);
    }

    public PostgreSqlSinkStatus Status => _progress.Status;

    // Why a part of the capture is not stored.
    private string? UnstoredProblem
    {
        get
        {
            if (_captureProblem is not null)
                return _captureProblem;
            if (_follower?.Files.FirstOrDefault(file => file.Problem is not null) is { } unreadable)
                return $"{unreadable.Name} cannot be read: {unreadable.Problem}";
            return _unknownFeeds.Count == 0 ? null : $"the files of {string.Join(", ", _unknownFeeds.Order(StringComparer.Ordinal))} are not stored, because the feed is unknown: add a layout file to {nameof(PostgreSqlSinkOptions)}.{nameof(PostgreSqlSinkOptions.Catalog)}";
        }
    }

    private DateTimeOffset Now => _options.TimeProvider.GetUtcNow();

    private DateOnly FirstDay => _options.KeepDays is { } days ? DateOnly.FromDateTime(KoreaTime.From(Now).DateTime).AddDays(1 - days) : DateOnly.MinValue;

    public void SetCatalog(FeedCatalog catalog) => Volatile.Write(ref _catalog, catalog);

    /// <summary>Ends the loop after the current transaction, which is cancelled after a while.</summary>
    public async Task StopAsync(Task completion)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        var isDone = await Task.WhenAny(completion, Task.Delay(_options.StopTimeout, _options.TimeProvider)).ConfigureAwait(false) == completion;
        if (!isDone)
            await _aborting.CancelAsync().ConfigureAwait(false);
    }

    public async Task RunAsync()
    {
        try
        {
            while (!_stopping.IsCancellationRequested && !await TryStepAsync().ConfigureAwait(false))
            {
            }
        }
        finally
        {
            await CloseAsync().ConfigureAwait(false);
            await _database.DisposeAsync().ConfigureAwait(false);
            _follower?.Dispose();
            _progress.End();
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _aborting.Dispose();
        _follower?.Dispose();
    }

    // Returns whether the sink has come to its end.
    private async Task<bool> TryStepAsync()
    {
        try
        {
            return await StepAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return true;
        }
        catch (PostgreSqlSinkException e)
        {
            OnEnded(e);
            throw;
        }
#pragma warning disable CA1031 // A sink that gives up stores nothing any more; nothing is lost by retrying, even after a bug.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return await RetryAsync(e).ConfigureAwait(false);
        }
    }

    private async Task<bool> StepAsync()
    {
        if (_connection is null)
            await OpenAsync().ConfigureAwait(false);
        if (_batch.IsEmpty)
        {
            await PruneAsync().ConfigureAwait(false);
            Fill();
        }

        if (!_batch.IsEmpty)
        {
            var duplicates = await _writer.WriteAsync(_connection!, _batch, _skipsDuplicates, _aborting.Token).ConfigureAwait(false);
            OnCommitted(duplicates);
            return false;
        }

        Publish(null);
        if (!_options.Follow)
            return UnstoredProblem is { } unstored ? throw new PostgreSqlSinkException(unstored) { IsCaptureProblem = true } : true;
        await _follower!.WaitAsync(_stopping.Token).ConfigureAwait(false);
        return false;
    }

    private async Task OpenAsync()
    {
        _connection = await _database.OpenAsync(_stopping.Token).ConfigureAwait(false);
        await _updater.UpdateAsync(_connection, FeedTable.AllOf(_encodedCatalog), _stopping.Token).ConfigureAwait(false);
        if (!await _checkpoints.TryLockAsync(_connection, _stopping.Token).ConfigureAwait(false))
            throw new CaptureBusyException(_checkpoints.Conflict().Message);
        _busySince = null;
        var stored = await _checkpoints.ReadAsync(_connection, _stopping.Token).ConfigureAwait(false);
        if (!_isFilled)
            _batch.Clear();
        if (!_batch.IsEmpty && _checkpoints.IsCommitted(_batch, stored))
            OnCommitted(0);
        if (_follower is null)
            Begin(stored);
        await (_options.OnStep?.Invoke(SinkStep.Connected) ?? Task.CompletedTask).ConfigureAwait(false);
    }

    // Begins to read where the database says.
    private void Begin(List<Checkpoint> stored)
    {
        var follower = new CaptureFollower(new CaptureFollowerOptions
        {
            Directory = Path.GetFullPath(_options.Directory),
            AcceptsFeed = AcceptsFeed,
            AcceptsDay = day => day >= FirstDay,
            PollInterval = _options.PollInterval,
            TimeProvider = _options.TimeProvider,
        });
        foreach (var checkpoint in stored)
        {
            follower.SetPosition(checkpoint.File, checkpoint.Position, checkpoint.FirstAt);
            if (checkpoint.LastId is { } id && DateTimeOffset.UnixEpoch.AddTicks(id) is var at && !(_last.TryGetValue(checkpoint.Feed, out var last) && last > at))
                _last[checkpoint.Feed] = at;
        }

        _progress.Set(stored);
        _follower = follower;
        _unchecked = stored;
    }

    private bool AcceptsFeed(string feed)
    {
        if (_encoder.Accepts(feed))
            return true;
        if (!_encodedCatalog.TryFind(feed, out _) && _unknownFeeds.Add(feed))
            SinkLog.UnknownFeed(_logger, _options.Directory, feed);
        return false;
    }

    // The newest file of a feed was not stored completely, or later ones may have existed.
    private void AddRemoved(List<Checkpoint> stored)
    {
        if (_follower!.Files.Count == 0)
        {
            var isExpected = !stored.Any(checkpoint => DayOf(checkpoint) >= FirstDay);
            _captureProblem = isExpected ? null : $"{_options.Directory} is empty although it had files: its volume may not be mounted";
            return;
        }

        _unchecked = null;
        var files = _follower.Files.ToLookup(file => file.Feed, file => file.Name, StringComparer.Ordinal);
        foreach (var newest in stored.GroupBy(checkpoint => checkpoint.Feed, StringComparer.Ordinal).Select(feed => feed.MaxBy(checkpoint => checkpoint.File, StringComparer.Ordinal)!))
        {
            var day = DayOf(newest);
            if (day < FirstDay || !_encoder.Accepts(newest.Feed) || files[newest.Feed].Contains(newest.File, StringComparer.Ordinal) || (newest.IsClosed && !files[newest.Feed].Any()))
                continue;
            SinkLog.Removed(_logger, newest.File, newest.Position);
            _encoder.EncodeRemoved(_batch, newest.Feed, day, newest.File, newest.Position, newest.FirstAt);
        }
    }

    private static DateOnly DayOf(Checkpoint checkpoint) => DateOnly.ParseExact(checkpoint.File[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private void Fill()
    {
        _isFilled = false;
        _skipsDuplicates = false;
        if (Volatile.Read(ref _catalog) is var catalog && catalog != _encodedCatalog)
        {
            _encoder = new BatchEncoder(catalog, _options.Capture, _options.Notices, _last);
            _encodedCatalog = catalog;
            _unknownFeeds.Clear();
        }

        if (Search() && _unchecked is { } stored)
            AddRemoved(stored);
        while (_batch.TextLength < _options.MaxBatchText && _follower!.Read(MaxFileText) is { } items)
        {
            if (items.IsRestarted)
                SinkLog.Restarted(_logger, items.File, items.From);
            _encoder.Encode(items, _batch);
        }

        _isFilled = true;
    }

    private bool Search()
    {
        try
        {
            foreach (var file in _follower!.Search())
            {
                SinkLog.Removed(_logger, file.Name, file.Position);
                _encoder.EncodeRemoved(_batch, file.Feed, file.Day, file.Name, file.Position, file.FirstAt);
            }

            _captureProblem = null;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_captureProblem != e.Message)
                SinkLog.Unreadable(_logger, _options.Directory, e.Message);
            _captureProblem = e.Message;
            return false;
        }
    }

    private async Task PruneAsync()
    {
        if (_options.KeepDays is null || Now - _prunedAt < s_pruneInterval)
            return;
        _prunedAt = Now;
        try
        {
            var dropped = await _updater.DropBeforeAsync(_connection!, FirstDay, _aborting.Token).ConfigureAwait(false);
            await _checkpoints.DeleteBeforeAsync(_connection!, FirstDay, _aborting.Token).ConfigureAwait(false);
            _retentionProblem = null;
            if (dropped > 0)
                SinkLog.Dropped(_logger, dropped, FirstDay, _options.Schema);
        }
        catch (PostgresException e)
        {
            // Storing goes on. The role may not be the owner, or a query reads what is to be dropped.
            _retentionProblem = $"days before {FirstDay:yyyy-MM-dd} cannot be dropped: {SinkFailure.TextOf(e)}";
            SinkLog.NotDropped(_logger, FirstDay, _options.Schema, SinkFailure.TextOf(e));
        }
    }

    private void OnCommitted(long duplicates)
    {
        if (duplicates > 0)
            SinkLog.Duplicates(_logger, _options.Schema, duplicates);
        if (_problem is not null)
            SinkLog.Resumed(_logger, _options.Schema, (Now - _problemSince).TotalSeconds);
        _progress.OnCommitted(_batch, duplicates);
        _batch.Clear();
        _hasStored = true;
        _failuresInARow = 0;
        _problem = null;
        Publish(null);
    }

    private async Task<bool> RetryAsync(Exception e)
    {
        await CloseAsync().ConfigureAwait(false);
        _progress.OnFailed();
        if (SinkFailure.IsDuplicate(e) && !_skipsDuplicates && _isFilled)
        {
            _skipsDuplicates = true;
            return false;
        }

        if (!_isFilled)
        {
            // The batch was interrupted in the middle: it is read again.
            _follower?.Dispose();
            _follower = null;
        }

        var problem = SinkFailure.TextOf(e);
        if (SinkFailure.AdviceOn(e, _options) is { } advice)
            throw OnEnded(new PostgreSqlSinkException($"{problem}: {advice}", e));
        if (e is CaptureBusyException && Now - (_busySince ??= Now) >= (_hasStored ? s_takeoverLimit : _options.LockTimeout))
            throw OnEnded(_checkpoints.Conflict());
        Report(e, problem);
        await Task.Delay(RetryDelay(), _options.TimeProvider, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return false;
    }

    private PostgreSqlSinkException OnEnded(PostgreSqlSinkException e)
    {
        SinkLog.Ended(_logger, _options.Schema, e.Message);
        Publish(e.Message, SinkFailure.SummaryOf(e));
        return e;
    }

    private void Report(Exception e, string problem)
    {
        if (_problem is null)
            _problemSince = Now;
        if (_problem != problem && SinkFailure.IsExpected(e))
            SinkLog.CannotStore(_logger, _options.Schema, problem);
        else if (_problem != problem)
            SinkLog.Failed(_logger, _options.Schema, e);
        _problem = problem;
        _failuresInARow++;
        Publish(problem, SinkFailure.SummaryOf(e));
    }

    private TimeSpan RetryDelay()
    {
        var longest = Math.Max(_options.MaxRetryInterval.Ticks, _options.RetryInterval.Ticks);
        return TimeSpan.FromTicks((long)Math.Min(_options.RetryInterval.Ticks * Math.Pow(2, Math.Min(_failuresInARow - 1, 30)), longest));
    }

    private void Publish(string? problem, string? summary = null)
    {
        problem ??= UnstoredProblem ?? _retentionProblem;
        _progress.Update(_follower?.Files ?? [], _batch, problem is null ? null : (problem, summary ?? SinkFailure.UnstoredSummary));
    }

    private async Task CloseAsync()
    {
        if (_connection is not { } connection)
            return;
        _connection = null;
        try
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (SinkFailure.IsExpected(e))
        {
            // It is broken, which was reported before.
        }
    }
}

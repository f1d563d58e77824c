using KisFeed.Capture;
using KisFeed.PostgreSql.Rows;
using KisFeed.PostgreSql.Tables;
using KisFeed.Session;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace KisFeed.PostgreSql.Storing;

/// <summary>
/// Stores a capture batch by batch, and reads the next batch while it stores one. A batch is kept until it is committed, and after a
/// lost connection the database is asked whether it was, so that nothing is lost or stored twice. Failures are retried with growing
/// delays, except those that need people.
/// </summary>
internal sealed class SinkLoop : IDisposable
{
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
    private readonly BatchReader _reader;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _aborting = new();

    private StoreBatch _batch = new(); // What is stored now.
    private StoreBatch _next = new(); // What is stored after it.
    private NpgsqlConnection? _connection;
    private bool _skipsDuplicates;
    private bool _hasStored;
    private int _failuresInARow;
    private DateTimeOffset? _busySince;
    private DateTimeOffset? _prunedAt;
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
        _writer = new BatchWriter(schema, _updater, _checkpoints, options.MaxCopyChunk, options.OnStep);
        _progress = new SinkProgress(options.TimeProvider);
        _reader = new BatchReader(options, logger);
    }

    public RecordingSinkStatus Status => _progress.Status;

    private DateTimeOffset Now => _options.TimeProvider.GetUtcNow();

    private bool IsPruneDue => _options.KeepDays is not null && !(Now - _prunedAt < s_pruneInterval);

    public void SetCatalog(FeedCatalog catalog) => _reader.SetCatalog(catalog);

    /// <summary>Ends the loop after the current transaction, which is cancelled after a while.</summary>
    public async Task StopAsync(Task completion)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        var isDone =
            await Task.WhenAny(completion, Task.Delay(_options.StopTimeout, _options.TimeProvider)).ConfigureAwait(false) == completion;
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
            _reader.Dispose();
            _progress.End();
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _aborting.Dispose();
        _reader.Dispose();
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
            _reader.Fill(_batch);
        }

        if (!_batch.IsEmpty)
        {
            await StoreAsync().ConfigureAwait(false);
            return false;
        }

        Publish(null);
        if (!_options.Follow)
            return _reader.Problem is { } unstored ? throw new PostgreSqlSinkException(unstored) { IsCaptureProblem = true } : true;
        await _reader.WaitAsync(_stopping.Token).ConfigureAwait(false);
        return false;
    }

    private async Task StoreAsync()
    {
        // Nothing may be waiting when days are dropped, because it could belong to one of them.
        var isBehind = _batch.TextLength >= _options.MaxBatchText && _next.IsEmpty && !IsPruneDue;
        var filling = isBehind ? Task.Run(() => _reader.Fill(_next)) : Task.CompletedTask;
        var duplicates = 0L;
        try
        {
            duplicates = await _writer.WriteAsync(_connection!, _batch, _skipsDuplicates, _aborting.Token).ConfigureAwait(false);
        }
        finally
        {
            await filling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        OnCommitted(duplicates);
        await filling.ConfigureAwait(false);
    }

    private async Task OpenAsync()
    {
        _connection = await _database.OpenAsync(_stopping.Token).ConfigureAwait(false);
        await _updater.UpdateAsync(_connection, FeedTable.AllOf(_reader.Catalog), _stopping.Token).ConfigureAwait(false);
        if (!await _checkpoints.TryLockAsync(_connection, _stopping.Token).ConfigureAwait(false))
            throw new CaptureBusyException(_checkpoints.Conflict().Message);
        _busySince = null;
        var stored = await _checkpoints.ReadAsync(_connection, _stopping.Token).ConfigureAwait(false);
        if (!_batch.IsEmpty && _batch.IsComplete && _checkpoints.IsCommitted(_batch, stored))
            OnCommitted(0);
        if (!_reader.HasBegun)
        {
            DiscardBatches();
            _progress.Set(stored);
            _reader.Begin(stored);
        }

        await (_options.OnStep?.Invoke(SinkStep.Connected) ?? Task.CompletedTask).ConfigureAwait(false);
    }

    private async Task PruneAsync()
    {
        if (!IsPruneDue)
            return;
        var firstDay = _reader.FirstDay;
        _prunedAt = Now;
        try
        {
            var dropped = await _updater.DropBeforeAsync(_connection!, firstDay, _aborting.Token).ConfigureAwait(false);
            await _checkpoints.DeleteBeforeAsync(_connection!, firstDay, _aborting.Token).ConfigureAwait(false);
            _retentionProblem = null;
            if (dropped > 0)
                SinkLog.Dropped(_logger, dropped, firstDay, _options.Schema);
        }
        catch (PostgresException e)
        {
            // Storing goes on. The role may not be the owner, or a query reads what is to be dropped.
            _retentionProblem = $"days before {firstDay:yyyy-MM-dd} cannot be dropped: {SinkFailure.TextOf(e)}";
            SinkLog.NotDropped(_logger, firstDay, _options.Schema, SinkFailure.TextOf(e));
        }
    }

    private void DiscardBatches()
    {
        _batch.Clear();
        _next.Clear();
        _skipsDuplicates = false;
    }

    private void OnCommitted(long duplicates)
    {
        if (duplicates > 0)
            SinkLog.Duplicates(_logger, _options.Schema, duplicates);
        if (_problem is not null)
            SinkLog.Resumed(_logger, _options.Schema, (Now - _problemSince).TotalSeconds);
        _progress.OnCommitted(_batch, duplicates);
        _batch.Clear();
        (_batch, _next) = (_next, _batch);
        _skipsDuplicates = false;
        _hasStored = true;
        _failuresInARow = 0;
        _problem = null;
        Publish(null);
    }

    private async Task<bool> RetryAsync(Exception e)
    {
        await CloseAsync().ConfigureAwait(false);
        _progress.OnFailed();
        if (SinkFailure.IsDuplicate(e) && !_skipsDuplicates && !_reader.IsInterrupted)
        {
            _skipsDuplicates = true;
            return false;
        }

        // What was read before an interruption is read again, from the positions in the database.
        if (_reader.IsInterrupted)
            _reader.Reset();

        var problem = SinkFailure.TextOf(e);
        if (SinkFailure.AdviceOn(e, _options) is { } advice)
            throw OnEnded(new PostgreSqlSinkException($"{problem}: {advice}", e));
        if (e is CaptureBusyException && Now - (_busySince ??= Now) >= (_hasStored ? s_takeoverLimit : _options.LockTimeout))
            throw OnEnded(_checkpoints.Conflict());
        Report(e, problem);
        var delay = Backoff.After(_options.RetryInterval, _failuresInARow - 1, _options.MaxRetryInterval);
        await Task.Delay(delay, _options.TimeProvider, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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

    private void Publish(string? problem, string? summary = null)
    {
        problem ??= _reader.Problem ?? _retentionProblem;
        _progress.Update(
            _reader.Files, _batch.Moves.Concat(_next.Moves), problem is null ? null : (problem, summary ?? SinkFailure.UnstoredSummary));
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

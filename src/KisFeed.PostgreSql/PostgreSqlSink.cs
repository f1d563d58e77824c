using KisFeed.Capture;
using KisFeed.Capture.Recording;
using KisFeed.PostgreSql.Storing;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.PostgreSql;

/// <summary>
/// Stores a capture in PostgreSQL, each record exactly once, and continues while a recorder writes to it. The capture is the only source:
/// the sink may be stopped, killed or disconnected at any time, and continues where the database says that it ended. A database that is
/// unavailable is retried for as long as the sink runs; recording does not depend on it.
/// </summary>
/// <example>
/// <code>
/// await using var sink = PostgreSqlSink.Start(new PostgreSqlSinkOptions
/// {
///     ConnectionString = "Host=db;Database=market;Username=kisfeed",
///     Directory = "capture",
/// });
/// await sink.Completion;
/// </code>
/// </example>
public sealed class PostgreSqlSink : IRecordingSink
{
    private readonly SinkLoop _loop;
    private readonly PostgreSqlArchive _archive;
    private readonly StatusMeter<RecordingSinkStatus> _metrics;

    private PostgreSqlSink(PostgreSqlSinkOptions options)
    {
        _loop = new SinkLoop(options, (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<PostgreSqlSink>());
        _archive = new PostgreSqlArchive(options);
        _metrics = SinkMetrics.Create(options.MeterFactory, () => _loop.Status);
        Completion = Task.Run(RunAsync);
    }

    /// <summary>The current status.</summary>
    public RecordingSinkStatus Status => _loop.Status;

    /// <summary>Reads what the sink has stored.</summary>
    public ICaptureArchive Archive => _archive;

    /// <summary>
    /// Completes when the sink has ended: successfully after <see cref="StopAsync"/> or, without
    /// <see cref="PostgreSqlSinkOptions.Follow"/>, at the end of the capture; with a <see cref="PostgreSqlSinkException"/> if retrying
    /// would not help, for example because the password is wrong, a right is missing, or another sink stores the capture.
    /// </summary>
    public Task Completion { get; }

    /// <summary>Starts a sink. It connects in the background.</summary>
    /// <exception cref="ArgumentException">An option is not valid.</exception>
    public static PostgreSqlSink Start(PostgreSqlSinkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new PostgreSqlSink(options);
    }

    /// <summary>
    /// Uses another catalog from the next transaction on, for example after a layout file has changed.
    /// Tables get the columns that they lack.
    /// </summary>
    public void SetCatalog(FeedCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        _loop.SetCatalog(catalog);
    }

    /// <summary>
    /// Stops after the current transaction, or after <see cref="PostgreSqlSinkOptions.StopTimeout"/>, and returns the final status.
    /// </summary>
    public async Task<RecordingSinkStatus> StopAsync()
    {
        if (!Completion.IsCompleted)
            await _loop.StopAsync(Completion).ConfigureAwait(false);
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Status;
    }

    /// <summary>Stops the sink, as <see cref="StopAsync"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _loop.Dispose();
        await _archive.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        using (_metrics)
            await _loop.RunAsync().ConfigureAwait(false);
    }
}

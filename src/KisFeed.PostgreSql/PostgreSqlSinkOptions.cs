using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using KisFeed.Feeds;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.PostgreSql;

/// <summary>The options of a <see cref="PostgreSqlSink"/>.</summary>
public sealed partial record PostgreSqlSinkOptions
{
    /// <summary>The default of <see cref="Schema"/>: <c>kisfeed</c>.</summary>
    public const string DefaultSchema = "kisfeed";

    /// <summary>
    /// The database, as Npgsql describes it: <c>Host=db;Database=market;Username=kisfeed_writer;Password=…</c>. Never logged.
    /// </summary>
    public required string ConnectionString { get; init; }

    /// <summary>The folder of the capture, which a recorder may be writing to.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// The schema of the tables: lower-case letters, digits and underscores. Created if it does not exist. Default <c>kisfeed</c>.
    /// </summary>
    public string Schema { get; init; } = DefaultSchema;

    /// <summary>
    /// The name of the capture. The positions up to which its files are stored belong to it, so the folder may be moved. Captures with
    /// different names may share a schema if they have different feeds. Default <c>default</c>.
    /// </summary>
    public string Capture { get; init; } = "default";

    /// <summary>
    /// Whether to continue at the end of the capture with what a recorder writes. Otherwise the sink ends there. Default yes.
    /// </summary>
    public bool Follow { get; init; } = true;

    /// <summary>Whether order notices are stored, which contain account numbers, orders and fills. Default no.</summary>
    public bool Notices { get; init; }

    /// <summary>
    /// The number of days to keep in the database, including the current one: calendar days of receipt in Korea. Earlier days are dropped,
    /// and not stored. Requires the rights of the schema's owner. At least 1. Default <see langword="null"/>: all.
    /// </summary>
    public int? KeepDays { get; init; }

    /// <summary>The feeds. Default: those of this library. For layout files, use <see cref="LayoutFileExtensions.WithLayouts"/>.</summary>
    public FeedCatalog Catalog { get; init; } = KisFeeds.Catalog;

    /// <summary>How often the folder is searched for new data. Default 1 s, at most a minute.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The delay before a failed transaction is retried. Doubles with each consecutive failure, up to
    /// <see cref="MaxRetryInterval"/>. Default 1 s.
    /// </summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The maximum delay before a failed transaction is retried. Default 30 s.</summary>
    public TimeSpan MaxRetryInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stopping sink waits for the current transaction, which is rolled back then. Default 5 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The log of the sink. Default none.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>
    /// Creates the meter of the sink, named <see cref="KisFeedDiagnostics.MeterName"/> like that of the client. Default
    /// none: the meter is created directly.
    /// </summary>
    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>The clock. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The length of text after which a transaction is committed.</summary>
    internal int MaxBatchText { get; init; } = 8 << 20;

    /// <summary>The bytes of a table's rows that are sent at once.</summary>
    internal int MaxCopyChunk { get; init; } = 1 << 16;

    /// <summary>
    /// How long a starting sink waits for another one on the same capture to end, such as one that was killed just before.
    /// </summary>
    internal TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Called at the steps of a transaction. Tests use it to interrupt there.</summary>
    internal Func<SinkStep, Task>? OnStep { get; init; }

    /// <summary>Returns the folder and the schema, without the connection string.</summary>
    public override string ToString() => $"{nameof(PostgreSqlSinkOptions)} {{ {nameof(Directory)} = {Directory}, {nameof(Schema)} = "
        + $"{Schema}, {nameof(Capture)} = {Capture} }}";

    internal void Validate()
    {
        Require(!string.IsNullOrWhiteSpace(Directory), nameof(Directory), "is empty");
        Require(SchemaName().IsMatch(Schema), nameof(Schema), $"is '{Schema}': use lower-case letters, digits and underscores, at most 40");
        Require(Capture.Length is > 0 and <= 200, nameof(Capture), "must have 1 to 200 characters");
        Require(KeepDays is not < 1, nameof(KeepDays), $"is {KeepDays}: set at least 1, or do not set it");
        Require(
            PollInterval > TimeSpan.Zero && PollInterval <= TimeSpan.FromMinutes(1),
            nameof(PollInterval),
            "must be positive and at most a minute");
        Require(
            RetryInterval > TimeSpan.Zero && RetryInterval <= TimeSpan.FromHours(1),
            nameof(RetryInterval),
            "must be positive and at most an hour");
        Require(
            MaxRetryInterval > TimeSpan.Zero && MaxRetryInterval <= TimeSpan.FromHours(1),
            nameof(MaxRetryInterval),
            "must be positive and at most an hour");
        Require(StopTimeout >= TimeSpan.Zero, nameof(StopTimeout), "must not be negative");
    }

    private static void Require(bool holds, string option, string problem)
    {
        if (!holds)
            throw new ArgumentException($"{nameof(PostgreSqlSinkOptions)}.{option} {problem}", option);
    }

    [GeneratedRegex(@"^[a-z_][a-z0-9_]{0,39}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SchemaName();
}

/// <summary>The steps of a transaction.</summary>
internal enum SinkStep
{
    /// <summary>The connection is open, and the positions are read.</summary>
    Connected,

    /// <summary>The positions are locked.</summary>
    Begun,

    /// <summary>A part of a table's rows has been sent. Reached after each part.</summary>
    Copying,

    /// <summary>All rows have been sent.</summary>
    Sent,

    /// <summary>The transaction is committed.</summary>
    Committed,

    /// <summary>
    /// A part of a file has been read into a batch, perhaps while another one is stored. Exceptions are possible here, waiting is not.
    /// </summary>
    Read,
}

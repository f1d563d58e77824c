using System.Text.RegularExpressions;
using KisFeed.Coordination.Postgres;
using KisFeed.Coordination.Storing;
using Npgsql;

namespace KisFeed.Coordination;

/// <summary>The database with the rows of a cluster. Thread-safe; one for each process is enough.</summary>
public sealed partial class ClusterDatabase : IAsyncDisposable
{
    /// <summary>The default schema.</summary>
    public const string DefaultSchema = "kisfeed_cluster";

    private readonly DatabaseServers _servers;
    private readonly string _schema;
    private readonly PostgreSqlStore _store;

    /// <summary>Creates the object without connecting.</summary>
    /// <param name="connectionString">The database, as Npgsql describes it:
    /// <c>Host=db;Database=market;Username=kisfeed_ingest;Password=…</c>. Never logged.</param>
    /// <param name="schema">The schema of the tables: lower-case letters, digits and underscores, at most 40.</param>
    /// <param name="readPassword">
    /// Returns the password for each new connection, so that it can be changed; it takes the place of that of the connection string.
    /// If it throws, the connection fails.
    /// </param>
    /// <exception cref="ArgumentException">The connection string or the name is not valid. The message contains nothing of
    /// the connection string.</exception>
    public ClusterDatabase(string connectionString, string schema = DefaultSchema, Func<string>? readPassword = null)
    {
        if (!SchemaName().IsMatch(schema ?? ""))
        {
            throw new ArgumentException(
                $"the schema is '{schema}': use lower-case letters, digits and underscores, at most 40", nameof(schema));
        }
        _schema = schema!;
        _servers = DatabaseServers.Of(connectionString, readPassword, TimeProvider.System);
        _store = new PostgreSqlStore(_servers, _schema);
    }

    internal ICoordinationStore Store => _store;

    /// <summary>Creates the schema, or brings it to this version of the library. The role of the connection owns it.</summary>
    /// <exception cref="CoordinationException">The schema cannot be changed. The message says why and what to do.</exception>
    public Task UpdateSchemaAsync(CancellationToken cancellationToken = default) => ConnectAsync(
        (connection, token) => ClusterSchemaUpdater.UpdateAsync(connection, _schema, token), cancellationToken);

    /// <summary>
    /// Returns the statements that give roles the rights they need. An ingest or an edge executes
    /// functions and reads; a monitor only reads.
    /// </summary>
    /// <param name="schema">The schema.</param>
    /// <param name="gateways">The role of ingests and edges; <see langword="null"/> for none.</param>
    /// <param name="monitors">The role of programs that only read; <see langword="null"/> for none.</param>
    public static string GrantsOf(string schema, string? gateways, string? monitors)
    {
        static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        var statements = new List<string>();
        if (string.Join(", ", new[] { gateways, monitors }.OfType<string>().Select(Quote)) is { Length: > 0 } readers)
        {
            statements.Add($"GRANT USAGE ON SCHEMA {Quote(schema)} TO {readers};");
            statements.Add($"GRANT SELECT ON ALL TABLES IN SCHEMA {Quote(schema)} TO {readers};");
        }

        if (gateways is not null)
            statements.Add($"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {Quote(schema)} TO {Quote(gateways)};");
        return string.Join('\n', statements);
    }

    /// <summary>Reads all rows.</summary>
    /// <param name="hasKeys">Whether to read the keys. Programs that read often only count them.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="CoordinationException">The rows cannot be read. The message says why and what to do.</exception>
    public Task<ClusterStatus> ReadStatusAsync(bool hasKeys = true, CancellationToken cancellationToken = default) =>
        TryAsync(token => _store.ReadAsync(hasKeys, token), cancellationToken);

    /// <summary>Says how far a process is behind, for <see cref="ReadStatusAsync"/>.</summary>
    /// <param name="node">The name of the process.</param>
    /// <param name="lag">How far.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="CoordinationException">The database does not answer. The message says why and what to do.</exception>
    public Task ReportLagAsync(string node, TimeSpan lag, CancellationToken cancellationToken = default) =>
        TryAsync(token => _store.ReportLagAsync(node, lag, token), cancellationToken);

    /// <summary>Gives roles the rights they need: <see cref="GrantsOf"/>. Call it as the owner of the schema.</summary>
    /// <param name="gateways">The role of ingests and edges; <see langword="null"/> for none.</param>
    /// <param name="monitors">The role of programs that only read; <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="CoordinationException">The rights cannot be given. The message says why and what to do.</exception>
    public Task GrantAsync(string? gateways, string? monitors, CancellationToken cancellationToken = default) => ConnectAsync(
        (connection, token) => ClusterSchemaUpdater.ExecuteAsync(connection, GrantsOf(_schema, gateways, monitors), token),
        cancellationToken);

    /// <summary>Closes all connections.</summary>
    public ValueTask DisposeAsync()
    {
        _store.Dispose();
        return _servers.DisposeAsync();
    }

    /// <summary>The schema, without the connection string.</summary>
    public override string ToString() => $"{nameof(ClusterDatabase)} {{ Schema = {_schema} }}";

    private Task<bool> ConnectAsync(Func<NpgsqlConnection, CancellationToken, Task> work, CancellationToken cancellationToken) => TryAsync(
        async token =>
        {
            var connection = await _servers.OpenAsync(token).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
                await work(connection, token).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    private async Task<TResult> TryAsync<TResult>(Func<CancellationToken, Task<TResult>> work, CancellationToken cancellationToken)
    {
        using var cancellation = new RequestCancellation(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        try
        {
            return await work(cancellation.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (StoreFailure.IsExpected(e) && !cancellationToken.IsCancellationRequested)
        {
            throw new CoordinationException(StoreFailure.TextOf(e, _schema), e)
            {
                Summary = StoreFailure.SummaryOf(e),
                IsTransient = StoreFailure.IsTransient(e),
            };
        }
        catch (Exception e) when (StoreFailure.IsExpected(e) && e is not OperationCanceledException)
        {
            // Npgsql reports some cancellations as failures of the connection.
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
    }

    [GeneratedRegex(@"^[a-z_][a-z0-9_]{0,39}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SchemaName();
}

using KisFeed.Client;
using KisFeed.PostgreSql.Tables;
using Npgsql;

namespace KisFeed.PostgreSql.Storing;

/// <summary>Opens connections for a sink.</summary>
internal sealed class SinkDatabase : IAsyncDisposable
{
    // The server ends the session of a sink whose machine has disappeared, so that another one can take over.
    // No lock is waited for without end.
    private const string Session = "SET lock_timeout = '10s'; SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 5; "
        + "SET tcp_keepalives_count = 4; SET TimeZone = 'UTC'; SET client_min_messages = warning";

    private const int KeepAliveSeconds = 20;
    private const int NpgsqlDefaultTimeout = 30;
    private const int PooledTimeout = 60; // Those who read wait; those who store have time.

    private readonly NpgsqlDataSource _source;

    /// <summary>Creates the object without connecting.</summary>
    /// <exception cref="ArgumentException">The connection string is not valid. The message contains nothing of it.</exception>
    /// <param name="connectionString">The database.</param>
    /// <param name="maxConnections">The size of the pool; 0 for none.</param>
    public SinkDatabase(string connectionString, int maxConnections = 0) => _source = SourceOf(connectionString, maxConnections);

    /// <summary>Opens a connection.</summary>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await _source.OpenConnectionAsync(cancellationToken).OrAbandonAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await new SqlStatement(Session).ExecuteAsync(connection, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Closes the connections of the pool that are not in use.</summary>
    public void ClearPool() => _source.Clear();

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static NpgsqlDataSource SourceOf(string connectionString, int maxConnections)
    {
        try
        {
            // Without a pool, disposing a connection ends its session and its locks.
            var settings = new NpgsqlConnectionStringBuilder(connectionString)
            {
                Pooling = false,
                PersistSecurityInfo = false,
                IncludeErrorDetail = false,
            };
            settings.ApplicationName ??= "kisfeed";
            if (maxConnections > 0)
            {
                (settings.Pooling, settings.MinPoolSize, settings.MaxPoolSize, settings.CommandTimeout) =
                    (true, 0, maxConnections, PooledTimeout);
            }

            // The system notices a server that has disappeared; a slow one has time. A socket in a folder has no such option.
            if (settings.Host?.StartsWith('/') != true)
            {
                (settings.TcpKeepAlive, settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval) =
                    (true, KeepAliveSeconds, KeepAliveSeconds / 4);
            }
            if (settings.CommandTimeout == NpgsqlDefaultTimeout)
                settings.CommandTimeout = 300;
            var builder = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString);
            builder.EnableArrays();
            builder.EnableTransportSecurity();
            return builder.Build();
        }
#pragma warning disable CA1031, MA0054 // The parser may quote a part of the password: not even an inner exception.
        catch (Exception)
        {
            throw new ArgumentException($"{nameof(PostgreSqlSinkOptions)}.{nameof(PostgreSqlSinkOptions.ConnectionString)} "
                + "is not valid: use Host=…;Database=…;Username=…;Password=…, and put a value that contains ; "
                + "or = in double quotes", nameof(connectionString));
        }
#pragma warning restore CA1031, MA0054
    }
}

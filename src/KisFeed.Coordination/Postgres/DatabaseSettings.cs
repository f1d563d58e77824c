using System.Collections.Immutable;
using Npgsql;

namespace KisFeed.Coordination.Postgres;

/// <summary>Reads the connection string of the cluster's database.</summary>
internal static class DatabaseSettings
{
    private const int KeepAliveSeconds = 10;
    private const int MaxConnections = 10;

    // A statement that waits longer has been given up by its caller. The server ends the session of a machine that has disappeared.
    private const string ServerOptions = "-c statement_timeout=5s -c lock_timeout=3s -c idle_in_transaction_session_timeout=5s -c "
        + "tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=2 -c timezone=UTC -c client_min_messages=warning";

    /// <summary>Returns the servers, without connecting.</summary>
    /// <param name="connectionString">The connection string. Several hosts are separated by commas.</param>
    /// <param name="readPassword">Returns the password for each new connection; <see langword="null"/> if it
    /// is in the connection string.</param>
    /// <param name="seconds">When a statement, and opening a connection, has failed.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ArgumentException">The connection string is not valid. The message contains nothing of it.</exception>
    public static ImmutableArray<DatabaseServer> ServersOf(
        string connectionString, Func<string>? readPassword, int seconds, TimeProvider time)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString)
            {
                PersistSecurityInfo = false,
                IncludeErrorDetail = false,
                MaxPoolSize = MaxConnections,
                CommandTimeout = seconds,
                Timeout = seconds,
                CancellationTimeout = -1,
            };
            settings.ApplicationName ??= "kisfeed";
            settings.Options = string.IsNullOrEmpty(settings.Options) ? ServerOptions : $"{ServerOptions} {settings.Options}";

            // Of the servers of a database that fails over, only one accepts writes. Npgsql itself would ask one after the other,
            // and remember the answer for seconds.
            var acceptsStandby = settings.TargetSessionAttributes is { } wanted && wanted.Equals("any", StringComparison.OrdinalIgnoreCase);
            settings.Remove("Target Session Attributes");
            return [.. (settings.Host ?? "localhost").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(host => ServerOf(settings, host, readPassword, acceptsStandby, time))];
        }
#pragma warning disable CA1031, MA0054 // The parser may quote a part of the password: not even an inner exception.
        catch (Exception)
        {
            throw new ArgumentException("the connection string is not valid: use Host=…;Database=…;Username=…;Password=…, and put a value "
                + "that contains ; or = in double quotes", nameof(connectionString));
        }
#pragma warning restore CA1031, MA0054
    }

    private static DatabaseServer ServerOf(
        NpgsqlConnectionStringBuilder all, string host, Func<string>? readPassword, bool acceptsStandby, TimeProvider time)
    {
        var settings = new NpgsqlConnectionStringBuilder(all.ConnectionString);
        (settings.Host, settings.Port) = Split(host, all.Port);

        // A socket in a folder has no such option.
        if (!host.StartsWith('/'))
        {
            (settings.TcpKeepAlive, settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval) =
                (true, KeepAliveSeconds, KeepAliveSeconds / 2);
        }
        if (readPassword is not null)
            settings.Password = null;
        var builder = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString);
        if (readPassword is not null)
            builder.UsePasswordProvider(_ => readPassword(), (_, _) => ValueTask.FromResult(readPassword()));
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        return new DatabaseServer(builder.Build(), settings.Host!, settings.Port, acceptsStandby, time);
    }

    // A port after the last colon, which an address of IPv6 has only after its brackets.
    private static (string Host, int Port) Split(string host, int port)
    {
        var colon = host.LastIndexOf(':');
        var isPort = !host.StartsWith('/') && colon > 0 && (host.IndexOf(':', StringComparison.Ordinal) == colon || host[colon - 1] == ']');
        return isPort
            ? (host[..colon].Trim('[', ']'),
                int.Parse(
                    host.AsSpan(colon + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture))
            : (host.Trim('[', ']'), port);
    }
}

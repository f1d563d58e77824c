using System.Data;
using System.Runtime.InteropServices;
using KisFeed.Client;
using Npgsql;

namespace KisFeed.Coordination.Postgres;

/// <summary>One server of the cluster's database, with its connections.</summary>
/// <param name="source">Opens connections to this server only; disposed with this object.</param>
/// <param name="host">The host.</param>
/// <param name="port">The port.</param>
/// <param name="acceptsStandby">Whether a server that accepts no writes will do.</param>
/// <param name="time">The clock.</param>
internal sealed class DatabaseServer(NpgsqlDataSource source, string host, int port, bool acceptsStandby, TimeProvider time)
    : IAsyncDisposable
{
    private long _answeredAt;

    /// <summary>Opens a connection.</summary>
    public Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) =>
        source.OpenConnectionAsync(cancellationToken).OrAbandonAsync(cancellationToken);

    /// <summary>
    /// Executes an operation. If it fails and the server has answered nothing since it began, the server is lost, and all its
    /// connections are closed, because each of them would fail alike. Connections of a server that is only busy stay open: to
    /// open them again would make it busier.
    /// </summary>
    public async Task<ServerAttempt<TResult>> TryAsync<TResult>(
        Func<NpgsqlConnection, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        try
        {
            var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                try
                {
                    var result = await work(connection, cancellationToken).ConfigureAwait(false);
                    Volatile.Write(ref _answeredAt, time.GetTimestamp());
                    return new ServerAttempt<TResult> { Result = result };
                }
                catch (PostgresException e)
                    when (connection.State == ConnectionState.Open && e.SqlState != PostgresErrorCodes.ReadOnlySqlTransaction)
                {
                    Volatile.Write(ref _answeredAt, time.GetTimestamp());
                    return new ServerAttempt<TResult> { Error = e };
                }
            }
        }
#pragma warning disable CA1031 // The caller asks another server. Npgsql also throws others while a connection is lost.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // A server that accepts no writes answers, but is of no use.
            var isLost = Volatile.Read(ref _answeredAt) < startedAt
                || e is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction };
            if (isLost)
                source.Clear();
            return new ServerAttempt<TResult> { Error = e, IsServerLost = isLost };
        }
    }

    /// <summary>Asks the server whether it accepts writes.</summary>
    /// <param name="delay">How long to wait before.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task<ServerAnswer> AskAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            return new ServerAnswer(this, false, e);
        }

        var attempt = await TryAsync(IsInRecoveryAsync, cancellationToken).ConfigureAwait(false);
        return new ServerAnswer(this, attempt.Error is null && (acceptsStandby || !attempt.Result), attempt.Error);
    }

    /// <summary>Whether a connection is one to this server.</summary>
    public bool IsOf(NpgsqlConnection connection) => connection.Host == host && connection.Port == port;

    public ValueTask DisposeAsync() => source.DisposeAsync();

    /// <summary>The host and the port.</summary>
    public override string ToString() => $"{host}:{port}";

    private static async Task<bool> IsInRecoveryAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand("SELECT pg_is_in_recovery()", connection);
        await using (command.ConfigureAwait(false))
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is true;
    }
}

/// <summary>The outcome of an operation at a server.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ServerAttempt<TResult>
{
    public TResult Result { get; init; }

    /// <summary>Why it failed; <see langword="null"/> if it did not.</summary>
    public Exception? Error { get; init; }

    /// <summary>Whether the server did not answer, or does not accept writes. Otherwise another server would fail alike.</summary>
    public bool IsServerLost { get; init; }
}

/// <summary>The answer to the question whether a server accepts writes.</summary>
/// <param name="Server">The server.</param>
/// <param name="IsPrimary">Whether it does.</param>
/// <param name="Error">Why it did not answer; <see langword="null"/> if it did.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ServerAnswer(DatabaseServer Server, bool IsPrimary, Exception? Error);

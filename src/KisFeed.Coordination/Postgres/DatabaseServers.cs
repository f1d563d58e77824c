using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Npgsql;

namespace KisFeed.Coordination.Postgres;

/// <summary>
/// The servers of the cluster's database, of which one accepts writes. Remembers which one did. When it fails, or does not answer for a
/// moment, all are asked at the same time, and the first one that accepts writes executes the operation: so a server that is silent delays
/// nothing, and a standby is used as soon as it is promoted. Thread-safe.
/// </summary>
internal sealed class DatabaseServers : IAsyncDisposable
{
    private const int StatementSeconds = 5;

    // Leaves time for another server within the third of a lease that a request may take.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_searchLimit = TimeSpan.FromSeconds(StatementSeconds);

    private readonly ImmutableArray<DatabaseServer> _servers;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _end = new();
    private Task<DatabaseServer>? _search;
    private volatile Primary? _primary;

    private DatabaseServers(ImmutableArray<DatabaseServer> servers, TimeProvider time)
    {
        _servers = servers;
        _time = time;
    }

    /// <summary>Returns the servers of a connection string, without connecting.</summary>
    /// <param name="connectionString">The connection string. Several hosts are separated by commas.</param>
    /// <param name="readPassword">Returns the password for each new connection; <see langword="null"/> if it
    /// is in the connection string.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ArgumentException">The connection string is not valid. The message contains nothing of it.</exception>
    public static DatabaseServers Of(string connectionString, Func<string>? readPassword, TimeProvider time) =>
        new(DatabaseSettings.ServersOf(connectionString, readPassword, StatementSeconds, time), time);

    /// <summary>Opens a connection to the server that accepts writes now.</summary>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) =>
        await (_servers is [var only] ? only : await FindAsync(_time.GetTimestamp(), cancellationToken).ConfigureAwait(false))
            .OpenAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Whether no other server than that of a connection is used now.</summary>
    public bool IsCurrent(NpgsqlConnection connection) => _primary is not { } primary || primary.Server.IsOf(connection);

    /// <summary>Executes an operation at the server that accepts writes. It may be executed twice.</summary>
    public async Task<TResult> RunAsync<TResult>(
        Func<NpgsqlConnection, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken)
    {
        if (_servers is [var only])
            return ResultOf(await only.TryAsync(work, cancellationToken).ConfigureAwait(false));
        var start = _time.GetTimestamp();
        if (_primary is not { Server: var known })
        {
            return ResultOf(await TryAsync(
                await FindAsync(start, cancellationToken).ConfigureAwait(false), work, cancellationToken).ConfigureAwait(false));
        }

        using var race = new RequestCancellation(Timeout.InfiniteTimeSpan, _time, cancellationToken);
        try
        {
            var first = TryAsync(known, work, race.Token);
            await Task.WhenAny(first, Task.Delay(s_patience, _time, race.Token)).ConfigureAwait(false);
            if (first.IsCompleted && await first.ConfigureAwait(false) is { IsServerLost: false } answer)
                return ResultOf(answer);
            var second = TryElsewhereAsync(known, first, work, start, race.Token);
            var winner = await Task.WhenAny(first, second).ConfigureAwait(false);
            var outcome = await winner.ConfigureAwait(false);
            return ResultOf(outcome.IsServerLost && winner == first ? await second.ConfigureAwait(false)
                : outcome.IsServerLost ? await first.ConfigureAwait(false)
                : outcome);
        }
        finally
        {
            race.Cancel();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await ((Task?)_search ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var server in _servers)
            await server.DisposeAsync().ConfigureAwait(false);
        _end.Dispose();
    }

    private static TResult ResultOf<TResult>(ServerAttempt<TResult> attempt)
    {
        if (attempt.Error is { } error)
            ExceptionDispatchInfo.Throw(error);
        return attempt.Result;
    }

    private async Task<ServerAttempt<TResult>> TryAsync<TResult>(
        DatabaseServer server, Func<NpgsqlConnection, CancellationToken, Task<TResult>> work, CancellationToken cancellationToken)
    {
        var attempt = await server.TryAsync(work, cancellationToken).ConfigureAwait(false);
        if (attempt.IsServerLost && _primary is { } primary && primary.Server == server)
            Interlocked.CompareExchange(ref _primary, null, primary);
        return attempt;
    }

    private async Task<ServerAttempt<TResult>> TryElsewhereAsync<TResult>(
        DatabaseServer known, Task<ServerAttempt<TResult>> first, Func<NpgsqlConnection, CancellationToken, Task<TResult>> work, long since,
        CancellationToken cancellationToken)
    {
        DatabaseServer found;
        try
        {
            found = await FindAsync(since, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (StoreFailure.IsExpected(e))
        {
            return new ServerAttempt<TResult> { Error = e, IsServerLost = true };
        }

        // The server is busy rather than lost: a second request would only make it busier.
        if (found == known && await first.ConfigureAwait(false) is { IsServerLost: false } answer)
            return answer;
        return await TryAsync(found, work, cancellationToken).ConfigureAwait(false);
    }

    // One search serves all requests that wait for it, and continues when they are given up: what a slow server
    // answers is of use for the next one.
    private async Task<DatabaseServer> FindAsync(long since, CancellationToken cancellationToken)
    {
        Task<DatabaseServer> search;
        lock (_gate)
        {
            if (_primary is { } known && known.FoundAt >= since)
                return known.Server;
            if (_search is not { IsCompleted: false })
            {
                _search = SearchAsync();
                _ = _search.ContinueWith(
                    static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            }

            search = _search;
        }

        return await search.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    // Ends with an error when every server has failed. A standby is asked again, because it may be promoted.
    private async Task<DatabaseServer> SearchAsync()
    {
        await Task.Yield(); // The caller has a lock.
        using var search = new RequestCancellation(s_searchLimit, _time, _end.Token);
        try
        {
            var answers = new Dictionary<DatabaseServer, ServerAnswer>();
            var questions = _servers.Select(server => server.AskAsync(TimeSpan.Zero, search.Token)).ToList();
            while (true)
            {
                var question = await Task.WhenAny(questions).WaitAsync(search.Token).ConfigureAwait(false);
                var answer = await question.ConfigureAwait(false);
                if (answer.IsPrimary)
                {
                    _primary = new Primary(answer.Server, _time.GetTimestamp());
                    return answer.Server;
                }

                answers[answer.Server] = answer;
                if (answers.Count == _servers.Length && answers.Values.All(static known => known.Error is not null))
                    ExceptionDispatchInfo.Throw(answers[_servers[0]].Error!);
                questions[questions.IndexOf(question)] = answer.Server.AskAsync(s_pause, search.Token);
            }
        }
        catch (OperationCanceledException e) when (!_end.IsCancellationRequested)
        {
            throw new TimeoutException("no server of the database accepts writes", e);
        }
        finally
        {
            search.Cancel();
        }
    }

    private sealed record Primary(DatabaseServer Server, long FoundAt);
}

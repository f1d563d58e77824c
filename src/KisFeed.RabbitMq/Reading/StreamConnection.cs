using KisFeed.RabbitMq.Connecting;
using Microsoft.Extensions.Logging;

namespace KisFeed.RabbitMq.Reading;

/// <summary>
/// Opens consumers of a stream, one after the other. Failures are logged, and are to be retried with growing delays, except those that need
/// people. Its state is thread-safe.
/// </summary>
/// <param name="options">The options.</param>
/// <param name="name">The name of the connections, which the cluster shows.</param>
/// <param name="stream">The stream.</param>
/// <param name="logger">Where to log.</param>
/// <param name="retriesAll">Whether failures that need people are retried, too.</param>
/// <param name="stateChanged">Called when a connection was established or lost, or an attempt failed.</param>
internal sealed class StreamConnection(
    RabbitMqClusterOptions options, string name, string stream, ILogger logger, bool retriesAll, Action? stateChanged)
{
    private readonly ClusterConnector _connector = new(options, name);
    private readonly RetryDelay _retry = new(options);
    private string? _problem;
    private long _connections;
    private int _failures;

    /// <summary>Why there is no connection; <see langword="null"/> if there is one, or before the first attempt has failed.</summary>
    public string? Problem => Volatile.Read(ref _problem);

    /// <summary>Whether there is a connection.</summary>
    public bool IsOpen => Connections > 0 && Problem is null;

    /// <summary>Connections established.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Consecutive failures.</summary>
    public int Failures => Volatile.Read(ref _failures);

    /// <summary>When the last connection was established.</summary>
    public DateTimeOffset OpenedAt { get; private set; }

    /// <summary>The node of the last attempt, without user and password.</summary>
    public string Address => _connector.Address;

    /// <summary>Connects, and begins to consume.</summary>
    /// <param name="offset">Where to begin, as RabbitMQ takes it.</param>
    /// <param name="prefetch">The number of messages that may be unacknowledged.</param>
    /// <param name="readsHere">Whether the reader runs on the thread that receives. It must not block.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <returns>The link; <see langword="null"/> if the attempt failed.</returns>
    /// <exception cref="RabbitMqException">Before the first connection: retrying would not help.</exception>
    public async Task<ConsumerLink?> TryOpenAsync(object offset, ushort prefetch, bool readsHere, CancellationToken cancellationToken)
    {
        try
        {
            var link = await ConsumerLink.OpenAsync(
                _connector, stream, offset, prefetch, readsHere, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            Interlocked.Increment(ref _connections);
            Volatile.Write(ref _failures, 0);
            Volatile.Write(ref _problem, null);
            OpenedAt = options.TimeProvider.GetUtcNow();
            stateChanged?.Invoke();
            return link;
        }
#pragma warning disable CA1031 // A reader that gives up reads nothing any more; nothing is lost by retrying, even after a bug.
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            // A node that has just been started may refuse users whom it does not know yet.
            if (Connections == 0 && !retriesAll && ClusterFailure.PermanentErrorOf(e) is { } error)
                throw error;
            OnFailed(e);
            return null;
        }
    }

    /// <summary>A connection was lost because of an error.</summary>
    public void OnFailed(Exception e)
    {
        if (!ClusterFailure.IsExpected(e))
            ReaderLog.Failed(logger, stream, e);
        OnLost(ClusterFailure.TextOf(e));
    }

    /// <summary>A connection was lost.</summary>
    public void OnLost(string problem)
    {
        if (Problem != problem)
            ReaderLog.CannotRead(logger, stream, Address, problem);
        Interlocked.Increment(ref _failures);
        Volatile.Write(ref _problem, problem);
        stateChanged?.Invoke();
    }

    /// <summary>The next delay is the shortest.</summary>
    public void ResetDelay() => _retry.Reset();

    /// <summary>Waits before the next attempt.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await _retry.WaitAsync(cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }
}

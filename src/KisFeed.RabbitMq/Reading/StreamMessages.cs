using System.Globalization;
using System.Runtime.CompilerServices;
using KisFeed.RabbitMq.Connecting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace KisFeed.RabbitMq.Reading;

/// <summary>
/// Reads the messages of a stream over lost connections, each once. Failures are retried with growing
/// delays, except those that need people.
/// </summary>
/// <param name="options">The options.</param>
/// <param name="stream">The stream.</param>
/// <param name="logger">Where to log.</param>
/// <param name="start">Where to begin.</param>
/// <param name="readUntil">The time of the last frame that was read; <see langword="null"/> before the first.</param>
/// <param name="stateChanged">Called when a connection was established or lost, or an attempt failed.</param>
/// <param name="readsHere">Whether the reader runs on the thread that receives, which saves a change of threads for each
/// message. It must not block.</param>
internal sealed class StreamMessages(
    RabbitMqReaderOptions options, string stream, ILogger logger, MessageStart start, Func<DateTimeOffset?> readUntil,
    Action? stateChanged = null, bool readsHere = false)
{
    // The clocks of publishers, nodes and readers differ by less.
    private static readonly TimeSpan s_clockDifference = TimeSpan.FromMinutes(10);

    private readonly ClusterConnector _connector = new(options.Cluster, $"KisFeed reader {stream}");
    private readonly RetryDelay _retry = new(options.Cluster);
    private string? _problem;
    private long _connections;
    private DateTimeOffset? _nextSince = start.Since;
    private bool _hasTried;

    /// <summary>Why nothing can be read; <see langword="null"/> if everything works.</summary>
    public string? Problem => Volatile.Read(ref _problem);

    /// <summary>Whether a connection is open.</summary>
    public bool IsOpen => Connections > 0 && Problem is null;

    /// <summary>Connections established.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Only what is received from this time on is wanted; <see langword="null"/> for everything.</summary>
    public DateTimeOffset? From { get; private set; } = start.Time;

    /// <summary>
    /// The time with which the reading began, from which another reader must read if no message was read;
    /// <see langword="null"/> for the first message.
    /// </summary>
    public DateTimeOffset? BeginAt => From ?? _nextSince;

    /// <summary>
    /// Reads messages. If the offsets of the stream have gone back, messages may come again, and others that
    /// have lower offsets than those before.
    /// </summary>
    /// <param name="offset">The offset of the first message, which may have been read before; <see langword="null"/> to
    /// begin where the start says.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="RabbitMqException">Retrying would not help.</exception>
    public async IAsyncEnumerable<StreamMessage> ReadAsync(long? offset, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = offset;
        var isBehindEnd = false;
        while (true)
        {
            if (await TryOpenAsync(isBehindEnd ? OffsetBefore() : OffsetFor(next), cancellationToken).ConfigureAwait(false) is not { } link)
            {
                await _retry.WaitAsync(cancellationToken).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                continue;
            }

            await using (link.ConfigureAwait(false))
            {
                if (next is { } expected && !isBehindEnd && !await HasMessageAsync(link, cancellationToken).ConfigureAwait(false))
                {
                    isBehindEnd = true;
                    From ??= _nextSince;
                    ReaderLog.NothingThere(
                        logger, stream, _connector.Address, expected, string.Create(CultureInfo.InvariantCulture, $"{OffsetBefore()}"));
                    continue;
                }

                while (await link.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    while (await link.ReadAsync(cancellationToken).ConfigureAwait(false) is { } message)
                    {
                        // The cluster may begin with earlier messages, because it sends whole chunks.
                        if (message.Offset < next && !isBehindEnd)
                            continue;
                        next = message.Offset + 1;
                        isBehindEnd = false;
                        _retry.Reset();
                        yield return message;
                    }
                }

                OnProblem(link.Problem);
            }

            await _retry.WaitAsync(cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private object OffsetFor(long? next)
    {
        // The message before is there, so one arrives at once. Otherwise the cluster would wait until the stream has grown to this offset.
        if (next is { } offset)
            return Math.Max(0, offset - 1);

        // After a lost connection, "next" would leave out what was published meanwhile.
        if (_hasTried)
            From ??= _nextSince;
        if (From is { } from)
            return new AmqpTimestamp(from.ToUnixTimeSeconds());
        return start.IsNow ? "next" : "first";
    }

    // What was not read was written after the last frame that was read.
    private object OffsetBefore()
    {
        if (readUntil() is not { } last)
            return "first";
        var now = options.Cluster.TimeProvider.GetUtcNow();
        return new AmqpTimestamp(((last < now ? last : now) - s_clockDifference).ToUnixTimeSeconds());
    }

    private async Task<bool> HasMessageAsync(ConsumerLink link, CancellationToken cancellationToken)
    {
        var waiting = link.WaitToReadAsync(cancellationToken);
        if (waiting.IsCompletedSuccessfully)
            return true;
        try
        {
            await waiting.AsTask()
                .WaitAsync(options.Cluster.ConnectTimeout, options.Cluster.TimeProvider, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task<ConsumerLink?> TryOpenAsync(object offset, CancellationToken cancellationToken)
    {
        _hasTried = true;
        try
        {
            var link = await ConsumerLink.OpenAsync(
                _connector, stream, offset, options.Prefetch, readsHere, options.Cluster.TimeProvider,
                cancellationToken).ConfigureAwait(false);
            Interlocked.Increment(ref _connections);
            Volatile.Write(ref _problem, null);
            ReaderLog.Connected(logger, stream, _connector.Address);

            if (offset is "next")
                _nextSince = options.Cluster.TimeProvider.GetUtcNow();
            stateChanged?.Invoke();
            return link;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (RabbitMqException) when (Connections == 0)
        {
            throw;
        }
#pragma warning disable CA1031 // A reader that gives up reads nothing any more; nothing is lost by retrying, even after a bug.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // A node that has just been started may refuse users whom it does not know yet.
            if (Connections == 0 && ClusterFailure.AdviceOn(e) is { } advice)
                throw new RabbitMqException($"{ClusterFailure.TextOf(e)}: {advice}", e);
            if (ClusterFailure.IsExpected(e))
                OnProblem(ClusterFailure.TextOf(e));
            else
                ReaderLog.Failed(logger, stream, e);
            return null;
        }
    }

    private void OnProblem(string problem)
    {
        if (Problem != problem)
            ReaderLog.CannotRead(logger, stream, _connector.Address, problem);
        Volatile.Write(ref _problem, problem);
        stateChanged?.Invoke();
    }
}

/// <summary>Where to begin in a stream: with a time, what is published from now on, or the first message.</summary>
/// <param name="Time">The time of receipt.</param>
/// <param name="IsNow">Whether to begin with what is published from now on.</param>
/// <param name="Since">The time with which the reading began or begins; <see langword="null"/> if that is the first connection.</param>
internal sealed record MessageStart(DateTimeOffset? Time = null, bool IsNow = false, DateTimeOffset? Since = null);

using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace KisFeed.RabbitMq.Reading;

/// <summary>Reads the messages of a stream over lost connections, each once.</summary>
/// <param name="options">The options.</param>
/// <param name="stream">The stream.</param>
/// <param name="logger">Where to log.</param>
/// <param name="start">Where to begin.</param>
/// <param name="readUntil">The time of the last frame that was read; <see langword="null"/> before the first.</param>
/// <param name="stateChanged">Called when a connection was established or lost, or an attempt failed.</param>
/// <param name="isSource">Whether a source reads, which retries all failures, and runs on the thread that receives, to save a change of
/// threads for each message. It must not block.</param>
internal sealed class StreamMessages(
    RabbitMqReaderOptions options, string stream, ILogger logger, MessageStart start, Func<DateTimeOffset?> readUntil,
    Action? stateChanged = null, bool isSource = false)
{
    // The clocks of publishers, nodes and readers differ by less.
    private static readonly TimeSpan s_clockDifference = TimeSpan.FromMinutes(10);

    private DateTimeOffset? _nextSince = start.Since;
    private bool _hasTried;

    /// <summary>The connection.</summary>
    public StreamConnection Connection { get; } =
        new(options.Cluster, $"KisFeed reader {stream}", stream, logger, retriesAll: isSource, stateChanged);

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
                await Connection.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            await using (link.ConfigureAwait(false))
            {
                if (next is { } expected && !isBehindEnd && !await HasMessageAsync(link, cancellationToken).ConfigureAwait(false))
                {
                    isBehindEnd = true;
                    From ??= _nextSince;
                    ReaderLog.NothingThere(
                        logger, stream, Connection.Address, expected, string.Create(CultureInfo.InvariantCulture, $"{OffsetBefore()}"));
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
                        Connection.ResetDelay();
                        yield return message;
                    }
                }

                Connection.OnLost(link.Problem);
            }

            await Connection.WaitAsync(cancellationToken).ConfigureAwait(false);
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
        var link = await Connection.TryOpenAsync(offset, options.Prefetch, readsHere: isSource, cancellationToken).ConfigureAwait(false);
        if (link is null)
            return null;
        ReaderLog.Connected(logger, stream, Connection.Address);
        if (offset is "next")
            _nextSince = Connection.OpenedAt;
        return link;
    }
}

/// <summary>Where to begin in a stream: with a time, what is published from now on, or the first message.</summary>
/// <param name="Time">The time of receipt.</param>
/// <param name="IsNow">Whether to begin with what is published from now on.</param>
/// <param name="Since">The time with which the reading began or begins; <see langword="null"/> if that is the first connection.</param>
internal sealed record MessageStart(DateTimeOffset? Time = null, bool IsNow = false, DateTimeOffset? Since = null);

using System.Globalization;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using KisFeed.RabbitMq.Connecting;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace KisFeed.RabbitMq.Reading;

/// <summary>One connection with one consumer of a stream. It ends when the connection, the channel or the consumer is lost.</summary>
internal sealed class ConsumerLink : IAsyncDisposable
{
    private const string OffsetName = "x-stream-offset";

    private static readonly TimeSpan s_closeLimit = TimeSpan.FromSeconds(2);

    // RabbitMQ closes the channel of a consumer that has not acknowledged a message for 30 min (consumer_timeout, which some set to less).
    private static readonly TimeSpan s_acknowledgeInterval = TimeSpan.FromSeconds(30);

    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly int _prefetch;

    // Bounded by the messages that the cluster sends before they are acknowledged.
    private readonly Channel<(StreamMessage Message, ulong Tag)> _messages;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _acknowledging = new(1);
    private readonly Task _acknowledgingRegularly;
    private int _unacknowledged;
    private ulong _read;
    private ulong _acknowledged;
    private volatile bool _hasStopped;
    private string? _problem;

    private ConsumerLink(IConnection connection, IChannel channel, int prefetch, bool readsHere, TimeProvider time)
    {
        _messages = Channel.CreateUnbounded<(StreamMessage, ulong)>(
            new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = readsHere });
        _connection = connection;
        _channel = channel;
        _prefetch = prefetch;
        connection.ConnectionShutdownAsync += OnShutdownAsync;
        channel.ChannelShutdownAsync += OnChannelShutdownAsync;
        _acknowledgingRegularly = AcknowledgeRegularlyAsync(time);
    }

    /// <summary>Completes when the link has ended, even if messages wait to be read.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Why it has ended.</summary>
    public string Problem => Volatile.Read(ref _problem) ?? "the connection was lost";

    /// <summary>Connects and begins to consume.</summary>
    /// <param name="connector">Connects to a node.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="offset">Where to begin, as RabbitMQ takes it.</param>
    /// <param name="prefetch">The number of messages that may be unacknowledged.</param>
    /// <param name="readsHere">Whether the reader runs on the thread that receives. It must not block.</param>
    /// <param name="time">When to acknowledge.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    public static async Task<ConsumerLink> OpenAsync(
        ClusterConnector connector, string stream, object offset, ushort prefetch, bool readsHere, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var connection = await connector.ConnectAsync(cancellationToken).ConfigureAwait(false);
        ConsumerLink? link = null;
        try
        {
            var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            link = new ConsumerLink(connection, channel, prefetch, readsHere, time);
            await channel.BasicQosAsync(0, prefetch, global: false, cancellationToken).ConfigureAwait(false);
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += link.OnReceivedAsync;
            consumer.UnregisteredAsync += link.OnUnregisteredAsync;
            var arguments = new Dictionary<string, object?>(StringComparer.Ordinal) { [OffsetName] = offset };
            await channel.BasicConsumeAsync(
                stream, autoAck: false, "", noLocal: false, exclusive: false, arguments, consumer, cancellationToken).ConfigureAwait(false);
            return link;
        }
        catch
        {
            if (link is not null)
                await link.EndAcknowledgingAsync().ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits for a message. Returns <see langword="false"/> when the link has ended.</summary>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) => _messages.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Reads the next message, and acknowledges those before it from time to time, so that the cluster sends more.</summary>
    /// <returns>The message; <see langword="null"/> if there is none.</returns>
    public async ValueTask<StreamMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        if (!_messages.Reader.TryRead(out var received))
            return null;
        Volatile.Write(ref _read, received.Tag);
        if (++_unacknowledged > _prefetch / 4)
        {
            _unacknowledged = 0;
            await AcknowledgeAsync(cancellationToken).ConfigureAwait(false);
        }

        return received.Message;
    }

    /// <summary>Ends the consumer. The connection stays open, and the link ends when it is lost.</summary>
    public async Task StopConsumingAsync(CancellationToken cancellationToken)
    {
        _hasStopped = true;
        await EndAcknowledgingAsync().ConfigureAwait(false);
        await _channel.CloseAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        End("the reader closed the connection");
        await EndAcknowledgingAsync().ConfigureAwait(false);
        _acknowledging.Dispose();
        _end.Dispose();
        await _connection.AbortAsync(s_closeLimit).ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    // A stream with few messages must not wait until there are enough of them.
    private async Task AcknowledgeRegularlyAsync(TimeProvider time)
    {
        using var timer = new PeriodicTimer(s_acknowledgeInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token).ConfigureAwait(false))
                await AcknowledgeAsync(_end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The link is ending.
        }
    }

    private async Task EndAcknowledgingAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _acknowledgingRegularly.ConfigureAwait(false);
    }

    // Everything that was read.
    private async Task AcknowledgeAsync(CancellationToken cancellationToken)
    {
        await _acknowledging.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var tag = Volatile.Read(ref _read);
            if (tag == _acknowledged)
                return;
            _acknowledged = tag;
            await _channel.BasicAckAsync(tag, multiple: true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (ClusterFailure.IsExpected(e) || e is ObjectDisposedException)
        {
            End(ClusterFailure.TextOf(e));
        }
        finally
        {
            _acknowledging.Release();
        }
    }

    private Task OnReceivedAsync(object sender, BasicDeliverEventArgs e)
    {
        // The body belongs to the library after this call.
        var offset = e.BasicProperties.Headers is { } headers && headers.TryGetValue(OffsetName, out var value)
            ? Convert.ToInt64(value, CultureInfo.InvariantCulture)
            : -1;
        if (offset < 0)
            End("the cluster sent a message without an offset: it is not from a stream");
        else
            _messages.Writer.TryWrite((new StreamMessage(offset, e.Body.ToArray()), e.DeliveryTag));
        return Task.CompletedTask;
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs e)
    {
        End(string.Create(CultureInfo.InvariantCulture, $"the connection was lost: {e.ReplyCode} {e.ReplyText}"));
        return Task.CompletedTask;
    }

    private Task OnChannelShutdownAsync(object sender, ShutdownEventArgs e) =>
        _hasStopped ? Task.CompletedTask : OnShutdownAsync(sender, e);

    // Also called when the channel is closed.
    private Task OnUnregisteredAsync(object sender, ConsumerEventArgs e)
    {
        if (!_hasStopped)
            End("the cluster ended the consumer");
        return Task.CompletedTask;
    }

    private void End(string problem)
    {
        Interlocked.CompareExchange(ref _problem, problem, null);
        _messages.Writer.TryComplete();
        _ended.TrySetResult();
    }
}

/// <summary>A message of a stream.</summary>
/// <param name="Offset">The offset. Offsets increase, but not by one.</param>
/// <param name="Body">The bytes.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StreamMessage(long Offset, ReadOnlyMemory<byte> Body);

using KisFeed.RabbitMq.Connecting;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace KisFeed.RabbitMq.Publishing;

/// <summary>
/// One connection with one channel in confirm mode. It fails as a whole: when the connection or the channel is lost, or the cluster rejects
/// or returns a message, its <see cref="Lost"/> is cancelled, and everything that is not confirmed must be published again on another link.
/// </summary>
internal sealed class PublishLink : IAsyncDisposable
{
    private const int NotFound = 404;

    private static readonly TimeSpan s_closeLimit = TimeSpan.FromSeconds(2);

    // Longer than the election of another leader takes. A stream that has lost its leader may never confirm what it got before.
    private static readonly TimeSpan s_confirmLimit = TimeSpan.FromSeconds(15);

    // The cluster confirms what it has stored in one stream at once, or in the order of the messages.
    private static readonly TimeSpan s_overtakenLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_probeLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_watchInterval = TimeSpan.FromSeconds(1);
    private static readonly BasicProperties s_persistent = new() { Persistent = true };

    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly UnconfirmedBatches _unconfirmed;
    private readonly Action<int> _onConfirmed;
    private readonly TimeProvider _time;
    private readonly ITimer _watchdog;
    private readonly CancellationTokenSource _lost = new();
    private readonly Lock _gate = new();
    private readonly HashSet<ulong> _probes = [];
    private readonly TaskCompletionSource _probed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _problem;
    private ulong _tag;

    private PublishLink(
        IConnection connection, IChannel channel, UnconfirmedBatches unconfirmed, Action<int> onConfirmed, TimeProvider time)
    {
        _time = time;
        _connection = connection;
        _channel = channel;
        _unconfirmed = unconfirmed;
        _onConfirmed = onConfirmed;
        channel.BasicAcksAsync += OnAcksAsync;
        channel.BasicNacksAsync += OnNacksAsync;
        channel.BasicReturnAsync += OnReturnAsync;
        channel.ChannelShutdownAsync += OnShutdownAsync;
        connection.ConnectionShutdownAsync += OnShutdownAsync;
        _watchdog = time.CreateTimer(static link => ((PublishLink)link!).CheckConfirmations(), this, s_watchInterval, s_watchInterval);
    }

    /// <summary>Cancelled when the link has failed.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Connects, and creates the streams that do not exist.</summary>
    /// <param name="connector">Connects to a node.</param>
    /// <param name="streams">The names of the streams.</param>
    /// <param name="arguments">The arguments of new streams.</param>
    /// <param name="unconfirmed">Receives the confirmations.</param>
    /// <param name="onConfirmed">Receives the number of confirmed entries.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    public static async Task<PublishLink> OpenAsync(
        ClusterConnector connector,
        IEnumerable<string> streams,
        IDictionary<string, object?> arguments,
        UnconfirmedBatches unconfirmed,
        Action<int> onConfirmed,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var connection = await connector.ConnectAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var stream in streams)
                await DeclareAsync(connection, stream, arguments, cancellationToken).ConfigureAwait(false);

            // Confirmations are tracked here: the library's own tracking limits the rate of publishing by exceptions.
            var options = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false);
            var channel = await connection.CreateChannelAsync(options, cancellationToken).ConfigureAwait(false);
            return new PublishLink(connection, channel, unconfirmed, onConfirmed, time);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Waits until every stream has confirmed a message. A channel may know only the leader of a stream that has just been killed: what it
    /// sends there is lost, but not what it sends afterwards.
    /// </summary>
    /// <param name="messages">A message for each stream. It is not published again if it is lost.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <exception cref="LinkLostException">A stream has not confirmed it in time.</exception>
    public async Task ProbeAsync(IReadOnlyList<(string Stream, byte[] Body)> messages, CancellationToken cancellationToken)
    {
        lock (_gate)
            _probes.UnionWith(Enumerable.Range(1, messages.Count).Select(tag => (ulong)tag));
        foreach (var (stream, body) in messages)
        {
            _tag++;
            await _channel.BasicPublishAsync("", stream, mandatory: true, s_persistent, body, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            await _probed.Task.WaitAsync(s_probeLimit, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new LinkLostException($"a stream has not confirmed a message within {s_probeLimit.TotalSeconds} s", e);
        }
    }

    /// <summary>Publishes a batch, which must be among the unconfirmed ones.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="cancellationToken">Is cancelled with <see cref="Lost"/>, too.</param>
    /// <exception cref="LinkLostException">The link has failed.</exception>
    public async Task PublishAsync(PublishedBatch batch, CancellationToken cancellationToken)
    {
        ThrowIfLost();
        _unconfirmed.OnPublishing(batch, ++_tag, _time.GetTimestamp());
        try
        {
            await _channel.BasicPublishAsync(
                "", batch.Stream, mandatory: true, s_persistent, batch.Body, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Lost.IsCancellationRequested)
        {
            ThrowIfLost();
        }
    }

    /// <summary>Throws if the link has failed.</summary>
    /// <exception cref="LinkLostException">The link has failed.</exception>
    public void ThrowIfLost()
    {
        if (Lost.IsCancellationRequested)
            throw new LinkLostException(Volatile.Read(ref _problem) ?? "the connection was lost");
    }

    public async ValueTask DisposeAsync()
    {
        Fail("the publisher closed the connection");
        await _watchdog.DisposeAsync().ConfigureAwait(false);
        await _connection.AbortAsync(s_closeLimit).ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
        _lost.Dispose();
    }

    // A stream that exists keeps its arguments, whatever they are.
    private static async Task DeclareAsync(
        IConnection connection, string stream, IDictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            try
            {
                await channel.QueueDeclarePassiveAsync(stream, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == NotFound)
            {
                // It is created below, on another channel, because the cluster has closed this one.
            }
        }

        var creating = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (creating.ConfigureAwait(false))
        {
            await creating.QueueDeclareAsync(
                stream, durable: true, exclusive: false, autoDelete: false, arguments,
                cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    private Task OnAcksAsync(object sender, BasicAckEventArgs e)
    {
        lock (_gate)
        {
            if (_probes.Count > 0
                && _probes.RemoveWhere(tag => tag == e.DeliveryTag || (e.Multiple && tag < e.DeliveryTag)) > 0
                && _probes.Count == 0)
            {
                _probed.TrySetResult();
            }
        }

        if (!_lost.IsCancellationRequested)
            _onConfirmed(_unconfirmed.Confirm(e.DeliveryTag, e.Multiple));
        return Task.CompletedTask;
    }

    private Task OnNacksAsync(object sender, BasicNackEventArgs e)
    {
        Fail("the cluster rejected a batch");
        return Task.CompletedTask;
    }

    // Its confirmation follows, although it is in no stream.
    private Task OnReturnAsync(object sender, BasicReturnEventArgs e)
    {
        Fail($"the stream {e.RoutingKey} does not exist any more");
        return Task.CompletedTask;
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs e)
    {
        Fail($"the connection was lost: {e.ReplyCode} {e.ReplyText}");
        return Task.CompletedTask;
    }

    private void CheckConfirmations()
    {
        if (_unconfirmed.OldestPublishedAt() is { } oldest && _time.GetElapsedTime(oldest) > s_confirmLimit)
            Fail($"the cluster has not confirmed a batch within {s_confirmLimit.TotalSeconds} s");
        else if (_unconfirmed.OvertakenPublishedAt() is { } overtaken && _time.GetElapsedTime(overtaken) > s_overtakenLimit)
            Fail($"the cluster has confirmed a later batch of a stream, but not an earlier one within {s_overtakenLimit.TotalSeconds} s");
    }

    // Called several times: a lost connection also closes its channel.
    private void Fail(string problem)
    {
        if (Interlocked.CompareExchange(ref _problem, problem, null) is null)
            _ = _lost.CancelAsync();
    }
}

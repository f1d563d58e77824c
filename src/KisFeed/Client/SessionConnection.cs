using System.Net.WebSockets;
using System.Security.Cryptography;
using KisFeed.Session;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed;

/// <summary>
/// The shell around a <see cref="SessionMachine"/>: carries out on a WebSocket what the machine decides, and hands frames to the queues of
/// their subscriptions. Every event of the machine happens under one lock, and nothing under it waits.
/// </summary>
internal sealed partial class SessionConnection : ISessionActions, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly KisFeedOptions _options;
    private readonly string _approvalKey;
    private readonly SecretMask _secrets;
    private readonly ILogger _logger;
    private readonly Uri _url;
    private readonly MessageSocket _socket;
    private readonly SessionMachine _machine;
    private readonly HashSet<SubscriberList> _lists = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _start;
    private readonly ITimer _timer;
    private string _lossReason = "";
    private Exception? _lossCause;
    private (long Number, MalformedFrame Frame)? _malformed;
    private Task _receiving = Task.CompletedTask;
    private Task? _disposing;
    private long _unexpected;

    private SessionConnection(KisFeedOptions options, FeedCatalog catalog, ILogger logger, Uri url, MessageSocket socket, string approvalKey)
    {
        _options = options;
        _approvalKey = approvalKey;
        _secrets = new SecretMask(approvalKey, options.AppSecret, options.AppKey);
        _logger = logger;
        _url = url;
        _socket = socket;
        _start = options.TimeProvider.GetTimestamp();
        _timer = options.TimeProvider.CreateTimer(static state => ((SessionConnection)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _machine = new SessionMachine(
            new SessionSettings
            {
                CustomerType = options.CustomerType,
                MaxRegistrations = options.MaxRegistrations,
                ReplyTimeout = options.ReplyTimeout,
                RequestInterval = options.RequestInterval,
            },
            catalog,
            this);
    }

    /// <summary>Ends when the session has: successfully if that was asked for, otherwise with a <see cref="ConnectionLostException"/>.</summary>
    public Task Ended => _ended.Task;

    private TimeSpan Now => _options.TimeProvider.GetElapsedTime(_start);

    /// <summary>Connects and begins to receive.</summary>
    /// <exception cref="ConnectionFailedException">The address cannot be reached or speaks no WebSocket.</exception>
    public static async Task<SessionConnection> OpenAsync(KisFeedOptions options, FeedCatalog catalog, ILogger logger, string approvalKey, CancellationToken cancellationToken)
    {
        var url = KisEndpoints.WebSocketOf(options);
        MessageSocket socket;
        try
        {
            socket = await MessageSocket.ConnectAsync(url, options.MaxMessageBytes, cancellationToken).ConfigureAwait(false);
        }
        catch (WebSocketException e)
        {
            throw new ConnectionFailedException($"{url} cannot be reached: {(e.InnerException ?? e).Message}", e);
        }

        ClientLog.Connected(logger, url);
        var connection = new SessionConnection(options, catalog, logger, url, socket, approvalKey);
        lock (connection._gate)
            connection._machine.Opened(approvalKey, connection.Now);
        connection._receiving = connection.ReceiveAsync();
        return connection;
    }

    /// <summary>Joins a registration, and makes it if need be. Returns once the server holds it.</summary>
    public async Task<Attachment> AttachAsync(FeedSchema feed, string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var queue = new FrameQueue(_options.QueueCapacity, _options.MaxQueueBytes, _options.Overflow);
        Attachment attachment;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposing is not null, typeof(KisFeedClient));
            if (_machine.TrySubscribe(feed, key, Now) is not { } registration)
                throw CannotSubscribe(feed);
            attachment = new Attachment(registration, queue);
            ListOf(registration).Add(attachment);
            if (registration.IsConfirmed)
                attachment.Confirmed.SetResult();
        }

        try
        {
            await attachment.Confirmed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return attachment;
        }
        catch (OperationCanceledException)
        {
            Detach(attachment);
            cancellationToken.ThrowIfCancellationRequested();
            throw new ObjectDisposedException(nameof(KisFeedClient), "the client was disposed while a subscription was being made");
        }
    }

    /// <summary>Leaves a registration; returns once it is released, if nobody else uses it.</summary>
    public async Task DetachAsync(Attachment attachment, CancellationToken cancellationToken)
    {
        if (Detach(attachment))
            await attachment.Released.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What the client wants and the server holds.</summary>
    public IReadOnlyList<RegistrationStatus> Snapshot()
    {
        lock (_gate)
            return [.. _machine.Registrations.Select(r => new RegistrationStatus(r.Feed.TrId, r.Key, r.State, r.Demand))];
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
            return new ValueTask(_disposing ??= Task.Run(DisposeOnceAsync));
    }

    private async Task DisposeOnceAsync()
    {
        var wasOpen = false;
        lock (_gate)
        {
            wasOpen = _machine.Phase == SessionPhase.Open;
            _machine.Closed(SessionEndReason.Requested);
        }

        await _socket.CloseAsync(_options.TimeProvider).ConfigureAwait(false);
        await _receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _timer.DisposeAsync().ConfigureAwait(false);
        _socket.Dispose();
        if (wasOpen)
            ClientLog.Disconnected(_logger, _url);
    }

    private bool Detach(Attachment attachment)
    {
        lock (_gate)
        {
            if (attachment.IsDetached)
                return !attachment.Released.Task.IsCompleted;
            attachment.IsDetached = true;
            attachment.Queue.Complete(null);
            var registration = attachment.Registration;
            if (registration.State == RegistrationState.Ended)
                return false;
            _machine.Unsubscribe(registration, Now);
            if (registration.Demand == 0)
                return true;
            ListOf(registration).Remove(attachment);
            attachment.Released.TrySetResult();
            return false;
        }
    }

    private async Task ReceiveAsync()
    {
        var reason = "the server closed the connection";
        Exception? cause = null;
        try
        {
            while (!_ended.Task.IsFaulted && await _socket.ReceiveAsync().ConfigureAwait(false))
            {
                var receivedAt = _options.TimeProvider.GetUtcNow();
                lock (_gate)
                {
                    if (_socket.IsOversized)
                        _machine.OversizedReceived(_socket.Message, receivedAt);
                    else
                        _machine.TextReceived(_socket.Message, receivedAt, Now);
                }

                // A control message may hold the key and IV of a registration.
                if (!DataFrame.IsDataFrame(_socket.Message))
                    CryptographicOperations.ZeroMemory(_socket.Message);
            }

            if (_socket.CloseDescription is { Length: > 0 } description)
                reason = $"{reason}: {_secrets.Apply(description)}";
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            reason = $"the connection broke: {_socket.AbortReason ?? (e.InnerException ?? e).Message}";
        }
#pragma warning disable CA1031 // A logger that throws, or a mistake of ours: a session that nobody receives for must not seem to live.
        catch (Exception e)
#pragma warning restore CA1031
        {
            cause = e;
        }

        try
        {
            lock (_gate)
                Lose(reason, cause);
        }
        finally
        {
            await _socket.EndAsync(_options.TimeProvider).ConfigureAwait(false);
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            try
            {
                _machine.TimerDue(Now);
            }
#pragma warning disable CA1031 // As where it receives; on a timer's thread it would even end the process.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Lose("", e);
                _socket.Abort("the client failed");
            }
        }
    }

    private void Lose(string reason, Exception? cause)
    {
        _lossReason = cause is null ? reason : $"the client failed ({cause.GetType().Name})";
        _lossCause = cause;
        _machine.Closed(SessionEndReason.ConnectionLost);
    }

    private Exception CannotSubscribe(FeedSchema feed)
    {
        if (_machine.Phase != SessionPhase.Ended)
            return new RegistrationLimitException($"the session holds {_options.MaxRegistrations} registrations, which is its limit ({nameof(KisFeedOptions)}.{nameof(KisFeedOptions.MaxRegistrations)}): release one, or use another app key");
        var loss = Ended.Exception?.InnerException as ConnectionLostException;
        return new ConnectionLostException($"{feed.TrId} cannot be subscribed to, the session has ended: {loss?.Message}", loss!) { Code = loss?.Code };
    }
}

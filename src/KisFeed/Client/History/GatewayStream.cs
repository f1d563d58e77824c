using System.Net;
using KisFeed.Approval;
using KisFeed.Diagnostics;
using KisFeed.Session;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Client.History;

/// <summary>
/// A stream of one key from a gateway's history: reads it into the queue of a subscription at the pace of its consumer, and continues where
/// it was after each loss of its connection.
/// </summary>
#pragma warning disable CA1001 // The source of a cancellation without a timer needs no disposal.
internal sealed class GatewayStream : ISubscriptionSource
#pragma warning restore CA1001
{
    /// <summary>What to do if a service has no history.</summary>
    public const string Advice = "From needs a gateway that records: start 'kisfeed gateway --record DIR' and connect to it, or read an "
        + "existing capture with CaptureReader";

    private readonly KisFeedOptions _options;
    private readonly AppCredentials _credentials;
    private readonly FrameQueue _queue;
    private readonly PendingWakeups _wakeups;
    private readonly ILogger _logger;
    private readonly CaptureLineReader _lines;
    private readonly ReconnectSchedule _schedule;
    private readonly RateBudget _attempts;
    private readonly Uri _url;
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private string _problem = "";
    private bool _isInterrupted;

    public GatewayStream(
        KisFeedOptions options, FeedSchema feed, string key, HistoryStart from, FrameQueue queue, PendingWakeups wakeups, ILogger logger)
    {
        _options = options;
        _queue = queue;
        _wakeups = wakeups;
        _logger = logger;
        Feed = feed;
        Key = key;
        var all = options.AllAppKeys.ToList();
        _credentials = (feed.IsNotice ? all.Find(credentials => credentials.HtsId == key) : null) ?? all[0];
        _schedule = new ReconnectSchedule(options.Reconnect, new Random());
        _attempts = new RateBudget(options.Reconnect.AttemptsPerMinute, options.Reconnect.AttemptsPerHour);
        _url = KisEndpoints.Public(KisEndpoints.StreamOf(options, ""));
        var widths = new HashSet<int>();
        _lines = new CaptureLineReader(feed, key, from, queue)
        {
            UnknownWidth = shape =>
            {
                if (widths.Add(shape.Width))
                    ClientLog.UnknownWidth(_logger, Feed.TrId, shape.Width, shape.Layout.Width);
            },
        };
    }

    public FeedSchema Feed { get; }

    public string Key { get; }

    public Action<GatewayStream>? Ended { get; init; }

    /// <summary>Completes when the gateway has confirmed the key; fails when it never will.</summary>
    public Task Started => _started.Task;

    private TimeSpan Now => _options.TimeProvider.GetElapsedTime(0);

    /// <summary>Starts to connect.</summary>
    public void Start() => _running = Task.Run(RunAsync);

    public async Task EndAsync(CancellationToken cancellationToken)
    {
        _queue.Complete(null);
        await _ending.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        Exception? error = null;
        try
        {
            while (true)
            {
                var decision = await RunOnceAsync(_ending.Token).ConfigureAwait(false);
                if (decision.Halt is { } halt)
                    throw new ConnectionLostException($"{_url}: {_problem}; no further attempt is made") { Reason = halt };
                ClientLog.HistoryLost(_logger, Feed.TrId, _url, _problem);
                await WaitUntilAsync(decision.NotBefore).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The consumer ended it.
        }
        catch (KisFeedException e)
        {
            error = e;
        }
#pragma warning disable CA1031 // An error in this library: a stream must not seem to wait for data.
        catch (Exception e)
#pragma warning restore CA1031
        {
            error = new ConnectionLostException($"{_url}: the client failed ({e.GetType().Name})", e) { Reason = HaltReason.Failed };
        }

        if (_started.TrySetException(error ?? new ObjectDisposedException(nameof(KisFeedClient))))
            _ = _started.Task.Exception;
        _queue.Complete(error);
        Ended?.Invoke(this);
    }

    // One connection, from the attempt to its end.
    private async Task<ReconnectDecision> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (!_attempts.TryAcquire(Now, out var allowedAt))
            return new ReconnectDecision(allowedAt);
        MessageSocket socket;
        try
        {
            socket = await OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KisFeedException e) when (e is ApprovalKeyException or ConnectionFailedException)
        {
            Interrupt();
            _problem = e.Message;
            return ConnectFailed(e);
        }

        ClientLog.HistoryConnected(_logger, Feed.TrId, _url);
        var reason = LossReason.Closed;
        var hasData = false;
        try
        {
            var received = _queue.Received;
            _lines.BeginConnection();
            reason = await ReadAsync(socket, cancellationToken).ConfigureAwait(false);
            hasData = _queue.Received > received;
        }
        finally
        {
            _wakeups.Flush();
            await socket.DisposeAsync().ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
        Interrupt();
        if (hasData)
            _schedule.DataArrived();
        return _schedule.Lost(reason, hasData, Now);
    }

    private async Task<MessageSocket> OpenAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var approval = default(ApprovalKey);
        try
        {
            approval = await _options.ApprovalKeys.GetAsync(
                _options, _credentials, _schedule.NeedsFreshKey, either.Token).ConfigureAwait(false);
            var query = $"subscribe={Uri.EscapeDataString($"{Feed.TrId}:{Key}")}&from={Uri.EscapeDataString(_lines.From)}&"
                + "format=capture&overflow=disconnect";
            return await MessageSocket.ConnectAsync(
                KisEndpoints.StreamOf(_options, query), _options, either.Token, approval.Value).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ConnectionFailedException($"no connection within {_options.ConnectTimeout.TotalSeconds:0.#} s: check the network and "
                + "the address, or allow more time to connect", e);
        }
        catch (ConnectionFailedException e)
        {
            if (e.Status == HttpStatusCode.Unauthorized)
                _options.ApprovalKeys.Invalidate(_options, _credentials, approval.Value);
            var redactor = RedactorOf(approval.Value);
            throw new ConnectionFailedException(redactor.ApplyKnown(e.Message), redactor.CauseOf(e.InnerException)!)
            {
                IsRejected = e.IsRejected,
                Status = e.Status,
            };
        }
    }

    private SecretRedactor RedactorOf(string? approvalKey = null) =>
        new(approvalKey, _credentials.AppSecret, _credentials.AppKey, _credentials.HtsId, Feed.IsNotice ? Key : null);

    // Retrying cannot give a service a history that it does not have.
    private ReconnectDecision ConnectFailed(KisFeedException error) => (error as ConnectionFailedException)?.Status switch
    {
        HttpStatusCode.Unauthorized => _schedule.Refused(BrokerCodeMeaning.UnknownApprovalKey, _schedule.NeedsFreshKey, Now),
        HttpStatusCode.TooManyRequests => _schedule.ConnectFailed(ConnectFailure.TooManyRequests, Now),
        >= HttpStatusCode.OK and < HttpStatusCode.InternalServerError when !_started.Task.IsCompleted =>
            throw new HistoryNotAvailableException(
                $"{Feed.TrId} cannot begin at {_lines.From}: {_url} answered: {error.Message.TrimEnd('.')}. {Advice}", error),
        _ => _schedule.ConnectFailed(SessionConnection.FailureOf(error), Now),
    };

    private async Task<LossReason> ReadAsync(MessageSocket socket, CancellationToken cancellationToken)
    {
        _problem = "the gateway closed the connection";
        using var closing = cancellationToken.UnsafeRegister(static state => ((MessageSocket)state!).BeginClose(), socket);
        var isSilent = false;
        var watchdog = _options.TimeProvider.CreateTimer(_ => Abort(), null, _options.WatchdogTimeout, Timeout.InfiniteTimeSpan);
        await using var disposal = watchdog.ConfigureAwait(false);
        try
        {
            while (await socket.ReceiveAsync().ConfigureAwait(false) && !cancellationToken.IsCancellationRequested)
            {
                watchdog.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                while (socket.TryReadMessage())
                {
                    if (_lines.Read(socket.Message) is { } notice)
                        OnNotice(notice);
                }

                _wakeups.Flush();
                await _queue.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
                watchdog.Change(_options.WatchdogTimeout, Timeout.InfiniteTimeSpan);
            }
        }
        catch (Exception e)
            when (MessageSocket.IsEnd(e) && (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested))
        {
            _problem = $"the connection broke: {PrintableText.Clean(socket.AbortReason ?? (e.InnerException ?? e).Message)}";
        }

        return Volatile.Read(ref isSilent) ? LossReason.Silence : LossReason.Closed;

        void Abort()
        {
            Volatile.Write(ref isSilent, true);
            socket.Abort($"nothing arrived for {_options.WatchdogTimeout.TotalSeconds:0.#} s");
        }
    }

    private void OnNotice(StreamNotice notice)
    {
        switch (notice.Kind)
        {
            case StreamNoticeKind.Subscribed:
                _schedule.Accepted();
                _started.TrySetResult();
                break;
            case StreamNoticeKind.Live:
                _isInterrupted = false;
                break;
            case StreamNoticeKind.Refused:
                var redactor = RedactorOf();
                throw new SubscribeRefusedException($"{Feed.TrId} was refused: "
                    + $"{(notice.Code is { } code ? $"{redactor.Apply(code)} " : "")}{redactor.Apply(notice.Text ?? "")}")
                {
                    Code = new BrokerCode(redactor.Apply(notice.Code ?? "")),
                };
            case StreamNoticeKind.End:
                _problem = $"the gateway ended the stream: {RedactorOf().Apply(notice.Text ?? "")}";
                break;
        }
    }

    // Nothing is missing, but what the consumer has is out of date until the stream is live again.
    private void Interrupt()
    {
        if (_isInterrupted || !_started.Task.IsCompletedSuccessfully)
            return;
        _isInterrupted = true;
        var now = _options.TimeProvider.GetUtcNow();
        _queue.WriteMarker(new Interruption { At = now, Reason = GapReason.ConnectionLost });
    }

    private async Task WaitUntilAsync(TimeSpan at)
    {
        var wait = at - Now;
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, _options.TimeProvider, _ending.Token).ConfigureAwait(false);
    }
}

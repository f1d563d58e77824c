using System.Diagnostics;
using System.Net.WebSockets;
using System.Security.Cryptography;
using KisFeed.Approval;
using KisFeed.Diagnostics;
using KisFeed.Session;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Client;

/// <summary>
/// The connections of one session: opens them, receives on them, and passes events to the session's state machine under the lock of the client's
/// sessions.
/// </summary>
internal sealed partial class SessionConnection : IAsyncDisposable
{
    private readonly KisFeedOptions _options;
    private readonly AppCredentials _credentials;
    private readonly SessionMachine _machine;
    private readonly Lock _gate;
    private readonly ReceiveClock _clock;
    private readonly PendingWakeups _pendingWakeups;
    private readonly Action _checkPause;
    private readonly ILogger _logger;
    private readonly Uri _url;
    private readonly ITimer _timer;
    private readonly TaskCompletionSource _firstConnection = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private CancellationTokenSource _dialling = new();
    private MessageSocket? _socket;
    private string _approvalKey = "";

    public SessionConnection(
        KisFeedOptions options,
        AppCredentials credentials,
        SessionMachine machine,
        Lock gate,
        ReceiveClock clock,
        PendingWakeups pendingWakeups,
        Action checkPause,
        ILogger logger,
        ISessionPermit? permit)
    {
        _options = options;
        _credentials = credentials;
        _machine = machine;
        _gate = gate;
        _clock = clock;
        _pendingWakeups = pendingWakeups;
        _checkPause = checkPause;
        _logger = logger;
        _permit = permit;
        _url = KisEndpoints.Public(KisEndpoints.WebSocketOf(options));
        _timer = options.TimeProvider.CreateTimer(static state => ((SessionConnection)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The last data source that the server reported.</summary>
    public DataSource? Source { get; set; }

    /// <summary>Completes when the first connection is established; fails when the first attempt fails.</summary>
    public Task FirstConnection => _firstConnection.Task;

    public TimeSpan Now => _options.TimeProvider.GetElapsedTime(0);

    /// <summary>Opens a connection after the previous one has ended: the broker allows one per app key.</summary>
    public void Connect(long connection, bool freshKey)
    {
        _dialling = new CancellationTokenSource();
        var (before, cancellation) = (_running, _dialling.Token);
        _running = Task.Run(() => RunAsync(connection, freshKey, before, cancellation));
    }

    public void Send(ReadOnlySpan<byte> text) => _socket?.Send(text);

    public void SetTimer(TimeSpan dueAt)
    {
        var wait = dueAt - Now;
        _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        if (_machine.Phase == SessionPhase.Waiting && _machine.Connection == 0)
            _firstConnection.TrySetException(new ConnectionFailedException($"{_url}: {AttemptsText} have been made, which is the limit; the next is allowed in {wait.TotalSeconds:0} s"));
    }

    /// <summary>Ends the current connection or the current attempt.</summary>
    public void Disconnect(bool isDead)
    {
        _dialling.Cancel();
        if (_socket is not { } socket)
            return;
        _socket = null;
        if (isDead)
            socket.Abort("nothing arrived on it");
        else
            socket.BeginClose(_options.TimeProvider);
    }

    public async ValueTask DisposeAsync()
    {
        Task running;
        lock (_gate)
            running = _running;
        await EndPermitAsync().ConfigureAwait(false);
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _timer.DisposeAsync().ConfigureAwait(false);
        _firstConnection.TrySetException(new ObjectDisposedException(nameof(KisFeedClient)));
        _ = _firstConnection.Task.Exception;
        _dialling.Dispose();
    }

    private async Task RunAsync(long connection, bool freshKey, Task before, CancellationToken cancellation)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        MessageSocket? socket = null;
        try
        {
            socket = await AttemptAsync(connection, freshKey, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Cancelled.
        }
#pragma warning disable CA1031 // Also catches errors in this library: a session must not seem to wait for an attempt that is never made.
        catch (Exception e)
#pragma warning restore CA1031
        {
            OpenFailed(connection, e);
        }

        if (socket is null)
            return;
        await ReceiveAsync(connection, socket).ConfigureAwait(false);
        await socket.EndAsync(_options.TimeProvider).ConfigureAwait(false);
        socket.Dispose();
        ClientLog.Disconnected(_logger, _machine.Settings.Name, _url);
    }

    // Returns null if the state machine has cancelled the attempt meanwhile.
    private async Task<MessageSocket?> OpenAsync(long connection, bool freshKey, Activity? activity, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        MessageSocket? socket = null;
        try
        {
            var approval = await _options.ApprovalKeys.GetAsync(_options, _credentials, freshKey, either.Token).ConfigureAwait(false);
            activity?.SetTag(DiagnosticTags.FreshApprovalKey, approval.IsFresh);
            socket = await DialAsync(approval, either.Token).ConfigureAwait(false);
            lock (_gate)
            {
                if (_machine.Phase == SessionPhase.Connecting && _machine.Connection == connection)
                {
                    Opened(connection, socket, approval);
                    return socket;
                }
            }
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ConnectionFailedException($"no connection to {_url} within {_options.ConnectTimeout.TotalSeconds:0.#} s, with an approval key from {KisEndpoints.ApprovalOf(_options)}: check the network and the addresses, or allow more time to connect", e);
        }
        catch when (socket is not null)
        {
            socket.Abort("the client failed");
            socket.Dispose();
            throw;
        }

        await socket.EndAsync(_options.TimeProvider).ConfigureAwait(false);
        socket.Dispose();
        return null;
    }

    private async Task<MessageSocket> DialAsync(ApprovalKey approval, CancellationToken cancellationToken)
    {
        try
        {
            return await MessageSocket.ConnectAsync(KisEndpoints.WebSocketOf(_options, approval.HasServerEvents), _options.MaxMessageBytes, _options.ClientCertificate, cancellationToken).ConfigureAwait(false);
        }
        catch (ConnectionFailedException e)
        {
            var redactor = new SecretRedactor(approval.Value, _credentials.AppSecret, _credentials.AppKey, _credentials.HtsId);
            throw new ConnectionFailedException($"{_url} {(e.IsRejected ? "refused the connection" : "cannot be reached")}: {redactor.ApplyKnown(e.Message)}", redactor.CauseOf(e.InnerException)!) { IsRejected = e.IsRejected };
        }
    }

    private void Opened(long connection, MessageSocket socket, ApprovalKey approval)
    {
        ClientLog.Connected(_logger, _machine.Settings.Name, _url);
        _socket = socket;
        _approvalKey = approval.Value;
        Problem = null;
        Counts.Attempted(AttemptOutcome.Connected);
        _firstConnection.TrySetResult();
        _machine.Opened(connection, approval.Value, approval.IsFresh, Now, approval.HasServerEvents);
    }

    private void OpenFailed(long connection, Exception error)
    {
        lock (_gate)
        {
            var isInternalError = error is not KisFeedException;
            Problem = isInternalError ? $"the client failed ({error.GetType().Name})" : error.Message;
            Summary = isInternalError ? Problem : SummaryOf(FailureOf(error));
            _cause = error;
            if (_firstConnection.TrySetException(error))
                _ = _firstConnection.Task.Exception;
            if (isInternalError)
            {
                _machine.Fail(Now);
                return;
            }

            _machine.ConnectFailed(connection, FailureOf(error), Now);
            if (_machine.Phase != SessionPhase.Halted)
                ClientLog.AttemptFailed(_logger, _machine.Settings.Name, Problem, WaitText);
        }
    }

    private async Task ReceiveAsync(long connection, MessageSocket socket)
    {
        var reason = "the server closed the connection";
        Exception? cause = null;
        try
        {
            while (await socket.ReceiveAsync().ConfigureAwait(false))
            {
                lock (_gate)
                {
                    try
                    {
                        DispatchMessages(connection, socket);
                    }
                    finally
                    {
                        _pendingWakeups.Flush();
                    }

                    if (_socket != socket)
                        break;
                }
            }

            if (socket.CloseDescription is { Length: > 0 } description)
            {
                lock (_gate)
                    reason = $"{reason}: {Redact(description)}";
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            reason = $"the connection broke: {PrintableText.Clean(socket.AbortReason ?? (e.InnerException ?? e).Message)}";
        }
#pragma warning disable CA1031 // An error in this library: a session whose receiving loop has ended must not seem to work.
        catch (Exception e)
#pragma warning restore CA1031
        {
            cause = e;
        }

        CryptographicOperations.ZeroMemory(socket.Message.Span);
        lock (_gate)
        {
            if (_socket != socket)
                return;
            _socket = null;
            Problem = cause is null ? reason : $"the client failed ({cause.GetType().Name})";
            Summary = cause is null ? "the connection was lost" : Problem;
            _cause = cause;
            _checkPause();
            if (cause is null)
                _machine.Closed(connection, Now);
            else
                _machine.Fail(Now);
        }
    }

    // The clocks are read once for all messages of one read.
    private void DispatchMessages(long connection, MessageSocket socket)
    {
        _checkPause();
        var (readAt, now) = (_clock.ReadAt, Now);
        while (_socket == socket && socket.TryReadMessage())
        {
            var isFrame = DataFrame.IsDataFrame(socket.Message.Span);
            var receivedAt = isFrame ? _clock.Stamp(readAt) : readAt;
            if (socket.IsOversized)
                _machine.OversizedReceived(connection, socket.Message.Span, receivedAt, now);
            else
                _machine.TextReceived(connection, socket.Message.Span, receivedAt, now);

            // A control message may contain the key and IV of a registration.
            if (!isFrame)
                CryptographicOperations.ZeroMemory(socket.Message.Span);
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            try
            {
                _checkPause();
                _machine.TimerDue(Now);
            }
#pragma warning disable CA1031 // As in the receiving loop; on a timer thread the exception would even end the process.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Summary = Problem = $"the client failed ({e.GetType().Name})";
                _cause = e;
                _machine.Fail(Now);
            }
        }
    }

    private static string SummaryOf(ConnectFailure failure) => failure switch
    {
        ConnectFailure.BadCredentials => "the credentials are refused",
        ConnectFailure.Rejected => "the service rejects connections",
        ConnectFailure.TooManyRequests => "the service asks for fewer requests",
        _ => "the service cannot be reached",
    };

    /// <summary>The kind of a failed attempt.</summary>
    public static ConnectFailure FailureOf(Exception error) => error switch
    {
        ApprovalKeyException approval => approval.Failure switch
        {
            ApprovalKeyFailure.BadCredentials => ConnectFailure.BadCredentials,
            ApprovalKeyFailure.TooManyRequests => ConnectFailure.TooManyRequests,
            ApprovalKeyFailure.Rejected => ConnectFailure.Rejected,
            _ => ConnectFailure.Unreachable,
        },
        ConnectionFailedException { IsRejected: true } => ConnectFailure.Rejected,
        _ => ConnectFailure.Unreachable,
    };
}

using System.Diagnostics;
using System.Security.Cryptography;
using KisFeed.Approval;
using KisFeed.Diagnostics;
using KisFeed.Session;
using KisFeed.Wire;
using KisFeed.Wire.Control;
using Microsoft.Extensions.Logging;

namespace KisFeed.Client;

/// <summary>
/// The connections of one session: opens them, receives on them, and passes events to the session's state machine under
/// the lock of the client's sessions.
/// </summary>
internal sealed class SessionConnection : IAsyncDisposable
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
    private readonly CancellationTokenSource _permitWait = new();
    private readonly ISessionPermit? _permit;
    private CancellationTokenRegistration _standDown;
    private Task _waiting = Task.CompletedTask;
    private Exception? _cause;

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
        _timer = options.TimeProvider.CreateTimer(
            static state => ((SessionConnection)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
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
        {
            _firstConnection.TrySetException(new ConnectionFailedException(
                $"{_url}: {AttemptsText} have been made, which is the limit; the next is allowed in {wait.TotalSeconds:0} s"));
        }
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
            socket.BeginClose();
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
        if (await AttemptAsync(connection, freshKey, cancellation).ConfigureAwait(false) is not { } socket)
            return;
        await ReceiveAsync(connection, socket).ConfigureAwait(false);
        await socket.DisposeAsync().ConfigureAwait(false);
        ClientLog.Disconnected(_logger, _machine.Settings.Name, _url);
    }

    // A method of its own, so that the activity is current during the attempt only, even if a listener throws when it ends.
    private async Task<MessageSocket?> AttemptAsync(long connection, bool freshKey, CancellationToken cancellation)
    {
        using var activity = ClientActivities.StartConnect(_options, _machine.Settings.Name, _url, isFirst: connection == 1);
        MessageSocket? socket = null;
        Exception? error = null;
        var outcome = AttemptOutcome.Abandoned;
        try
        {
            socket = await OpenAsync(connection, freshKey, activity, cancellation).ConfigureAwait(false);
            if (socket is not null)
                outcome = AttemptOutcome.Connected;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Cancelled.
        }
#pragma warning disable CA1031 // Also catches errors in this library: a session must not seem to wait for an attempt that is never made.
        catch (Exception e)
#pragma warning restore CA1031
        {
            error = e;
            outcome = OutcomeOf(e);
        }

        if (socket is null)
            Counts.Attempted(outcome);
        ClientActivities.End(activity, DiagnosticTags.Name(outcome), error);
        if (error is not null)
            OpenFailed(connection, error);
        return socket;
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
            throw new ConnectionFailedException($"no connection to {_url} within {_options.ConnectTimeout.TotalSeconds:0.#} s, "
                + $"with an approval key from {KisEndpoints.ApprovalOf(_options)}: check the network and the addresses, "
                + "or allow more time to connect", e);
        }
        catch when (socket is not null)
        {
            socket.Abort("the client failed");
            await socket.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await socket.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    private async Task<MessageSocket> DialAsync(ApprovalKey approval, CancellationToken cancellationToken)
    {
        try
        {
            return await MessageSocket.ConnectAsync(
                KisEndpoints.WebSocketOf(_options, approval.HasServerEvents), _options, cancellationToken).ConfigureAwait(false);
        }
        catch (ConnectionFailedException e)
        {
            var redactor = new SecretRedactor(approval.Value, _credentials.AppSecret, _credentials.AppKey, _credentials.HtsId);
            throw new ConnectionFailedException($"{_url} {(e.IsRejected ? "refused the connection" : "cannot be reached")}: "
                + $"{redactor.ApplyKnown(e.Message)}", redactor.CauseOf(e.InnerException)!)
            { IsRejected = e.IsRejected };
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
            if (_firstConnection.TrySetException(error))
                _ = _firstConnection.Task.Exception;
            if (error is not KisFeedException)
            {
                FailInternally(error, "the client failed");
                return;
            }

            var failure = FailureOf(error);
            Problem = error.Message;
            Summary = SummaryOf(failure);
            _cause = error;
            _machine.ConnectFailed(connection, failure, Now);
            if (_machine.Phase != SessionPhase.Halted)
                ClientLog.AttemptFailed(_logger, _machine.Settings.Name, Problem, WaitText);
        }
    }

    // Call it under the lock.
    private void FailInternally(Exception error, string problem)
    {
        Summary = Problem = $"{problem} ({error.GetType().Name})";
        _cause = error;
        _machine.Fail(Now);
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
        catch (Exception e) when (MessageSocket.IsEnd(e))
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
            _checkPause();
            if (cause is not null)
            {
                FailInternally(cause, "the client failed");
                return;
            }

            Problem = reason;
            Summary = "the connection was lost";
            _cause = null;
            _machine.Closed(connection, Now);
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
                FailInternally(e, "the client failed");
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
        ApprovalKeyException approval => approval.Failure,
        ConnectionFailedException { IsRejected: true } => ConnectFailure.Rejected,
        _ => ConnectFailure.Unreachable,
    };

    /// <summary>What happened to the session, for metrics.</summary>
    public SessionCounts Counts { get; } = new();

    private static AttemptOutcome OutcomeOf(Exception error) =>
        error is not KisFeedException ? AttemptOutcome.Failed : FailureOf(error) switch
        {
            ConnectFailure.Rejected => AttemptOutcome.Rejected,
            ConnectFailure.TooManyRequests => AttemptOutcome.TooManyRequests,
            ConnectFailure.BadCredentials => AttemptOutcome.BadCredentials,
            _ => AttemptOutcome.Unreachable,
        };

    // Waits for permission to connect, and drops the connection when it ends.

    public bool MaySend => _permit is null || _permit.MaySend;

    public string StandbyText => $"waits for {_permit?.Awaited}";

    /// <summary>Waits for permission to connect. Call it under the lock.</summary>
    public void RequestPermit() => _waiting = Task.Run(WaitForPermitAsync);

    /// <summary>The connection is established. Call it under the lock.</summary>
    public void OnConnected() => _permit?.OnConnected();

    private async Task WaitForPermitAsync()
    {
        try
        {
            var standDown = await _permit!.WaitForAttemptAsync(_permitWait.Token).ConfigureAwait(false);
            lock (_gate)
            {
                // Not disposed: that would wait for a callback, which waits for the lock.
                _standDown.Unregister();
                _machine.PermitGranted(Now);
                _standDown = standDown.UnsafeRegister(static state => ((SessionConnection)state!).OnStandDown(), this);
            }
        }
        catch (OperationCanceledException) when (_permitWait.IsCancellationRequested)
        {
            // The client is being disposed.
        }
#pragma warning disable CA1031 // A session must not seem to wait for a permission that never comes.
        catch (Exception e)
#pragma warning restore CA1031
        {
            lock (_gate)
                FailInternally(e, "the permission to connect failed");
        }
    }

    private void OnStandDown()
    {
        lock (_gate)
            _machine.StandDown(Now);
    }

    private async Task EndPermitAsync()
    {
        Task waiting;
        lock (_gate)
        {
            _standDown.Unregister();
            waiting = _waiting;
        }

        await _permitWait.CancelAsync().ConfigureAwait(false);
        await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _permitWait.Dispose();
    }

    // Describes what is wrong with the session.

    /// <summary>The last problem. Guarded by the lock of the sessions.</summary>
    public string? Problem { get; private set; }

    /// <summary>The last problem in a few words that may be shown to anybody. Guarded by the lock of the sessions.</summary>
    public string? Summary { get; private set; }

    /// <summary>The error that ended the session, if it has ended.</summary>
    public ConnectionLostException? Halt { get; private set; }

    /// <summary>Whether a registration has ever been confirmed.</summary>
    public bool HasWorked { get; set; }

    private string AttemptsText =>
        $"{_options.Reconnect.AttemptsPerMinute} attempts within a minute or {_options.Reconnect.AttemptsPerHour} within an hour";

    private string WaitText => _machine.NextAttemptAt is { } next
        ? $"the next attempt follows in {(next - Now).TotalSeconds:0.0} s"
        : "the next attempt follows with the next subscription";

    /// <summary>
    /// Warns once when few new registrations are left, and again after there were enough in between. Call it under the lock.
    /// </summary>
    public void WarnIfBudgetLow(TimeSpan now)
    {
        if (_machine.NewRegistrations.TryWarn(now, out var left))
        {
            ClientLog.FewRegistrationsLeft(
                _logger, _machine.Settings.Name, left, _options.NewRegistrationsPerMinute, _options.NewRegistrationsPerHour);
        }
    }

    /// <summary>Removes our own secrets from a server's text. Call it under the lock.</summary>
    /// <param name="text">The text.</param>
    /// <param name="about">The registration that the text concerns, if it may already be removed from the session.</param>
    public string Redact(string text, Registration? about = null)
    {
        var htsIds = _machine.Registrations.Append(about).Where(r => r?.Feed.IsNotice == true).Select(r => r!.Key);
        return new SecretRedactor([_approvalKey, _credentials.AppSecret, _credentials.AppKey, _credentials.HtsId, .. htsIds]).Apply(text);
    }

    /// <summary>The connection was lost, and the machine has decided what follows.</summary>
    public void OnLost(LossReason reason, BrokerReply? reply)
    {
        if (reply?.Code.Meaning == BrokerCodeMeaning.UnknownApprovalKey)
            _options.ApprovalKeys.Invalidate(_options, _credentials, _approvalKey);
        _cause = null;
        Problem = reason switch
        {
            LossReason.Refused => $"the server refused the session: {Redact($"{reply!.Code} {reply.Text}")}; {reply.Code.Advice}",
            LossReason.StoodDown => $"the session stood down: it has lost {_permit?.Awaited}",
            LossReason.Silence => $"nothing arrived for {_options.WatchdogTimeout.TotalSeconds:0.#} s",
            _ => Problem ?? "the connection was lost",
        };
        Summary = reason switch
        {
            LossReason.Refused => SummaryOf(reply!.Code.Meaning),
            LossReason.Silence => "connected, but nothing arrived",
            LossReason.StoodDown => null,
            _ => "the connection was lost",
        };
        if (_machine.Phase != SessionPhase.Halted)
            ClientLog.Lost(_logger, _machine.Settings.Name, _url, Problem);
    }

    /// <summary>The session ended and does not reconnect.</summary>
    public void OnHalted(HaltReason reason, BrokerReply? reply)
    {
        var inner = _cause is ConnectionLostException ? null : _cause;
        Halt = new ConnectionLostException($"{_url}{SessionText}: {Problem}{Explain(reason)}", inner!)
        {
            Code = reply is null ? null : CodeOf(reply),
            Reason = reason,
        };
        Problem = Halt.Message;
        if (_firstConnection.TrySetException(Halt))
            _ = _firstConnection.Task.Exception;
        ClientLog.Halted(_logger, _machine.Settings.Name, reason, Halt.Message);
        _permit?.OnHalted();
    }

    /// <summary>Describes why a registration failed.</summary>
    public Exception CreateRefusal(Registration registration, RefusalReason reason, BrokerReply? reply) => reason switch
    {
        RefusalReason.NoReply => new SubscribeTimeoutException($"{registration.Feed.TrId}: the server did not answer within "
            + $"{_options.ReplyTimeout.TotalSeconds:0.#} s; subscribe again; if that fails too, connect again"),
        RefusalReason.NoNoticeKey => new SubscribeRefusedException($"{registration.Feed.TrId}: the server "
            + "holds the registration but sends no key to decrypt its notices; end other sessions of this "
            + "app key and connect again")
        { Code = BrokerCode.AlreadySubscribed },
        RefusalReason.TooManyNew => ClientRuntime.TooManyNew(registration.Feed, _options, registration.Session.Settings.ReplyTimeout),
        RefusalReason.Evicted => new RegistrationLimitException($"{registration.Feed.TrId}: a registration with a higher priority took the "
            + "slot before the server acknowledged this one; release one, or add another app key"),
        _ => SubscribeRefusedException.By(registration.Feed, CodeOf(reply!, registration), Redact(reply!.Text, registration)),
    };

    // A server can send any text as its code.
    private BrokerCode CodeOf(BrokerReply reply, Registration? about = null) =>
        reply.Code.Meaning == BrokerCodeMeaning.Unknown ? new BrokerCode(Redact(reply.Code.Value, about)) : reply.Code;

    private string GivenUp => $"given up after {DurationText.Format(_options.Reconnect.GiveUpAfter ?? TimeSpan.Zero)}";

    private static string SummaryOf(BrokerCodeMeaning meaning) => meaning switch
    {
        BrokerCodeMeaning.AppKeyInUse => "another session holds the app key",
        BrokerCodeMeaning.UnknownApprovalKey => "the approval key is not known",
        BrokerCodeMeaning.BadCredentials => "the credentials are refused",
        _ => "the session is refused",
    };

    private string SessionText => _options.AdditionalAppKeys.Count == 0 ? "" : $" (app key {_machine.Settings.Name})";

    private string Explain(HaltReason reason) => reason switch
    {
        HaltReason.BadCredentials => "; no further attempt is made: correct the credentials and start again",
        HaltReason.ApprovalKeyRefused => $"; this server does not know the approval keys that {KisEndpoints.ApprovalOf(_options)} issues, "
            + "so check that the WebSocket address, the REST address and the environment belong together",
        HaltReason.AppKeyInUse when _options.Reconnect.IsEnabled => HasWorked
            ? $"; {GivenUp}; it is likely that another program has taken the app key over since: end it, or use another app key"
            : $"; {GivenUp}; it is likely that another program, here or on another machine, holds a session with this app key all the "
                + "time: end it, share its session, or use another app key",
        HaltReason.Fruitless =>
            $"; {GivenUp}, after {_machine.Failures} failed attempts: check that the app key may use this service and is not blocked",
        HaltReason.Silent => $"; {GivenUp}, after {_machine.Failures} silent connections: if the service is merely quiet, allow a longer "
            + $"time without messages than {_options.WatchdogTimeout.TotalSeconds:0.#} s",
        HaltReason.Unreachable => $"; {GivenUp}",
        _ => "",
    };
}

internal enum AttemptOutcome
{
    Connected,

    /// <summary>The service cannot be reached, does not answer, or fails.</summary>
    Unreachable,

    /// <summary>The service answered and rejected the attempt.</summary>
    Rejected,

    /// <summary>The service asked for fewer requests.</summary>
    TooManyRequests,

    /// <summary>The app key or the app secret is wrong.</summary>
    BadCredentials,
    Abandoned,

    /// <summary>An error in this library.</summary>
    Failed,
}

/// <summary>Counts of one session that its state machine does not keep. Guarded by the lock of the sessions, except for attempts.</summary>
internal sealed class SessionCounts
{
    private readonly long[] _attempts = new long[Enum.GetValues<AttemptOutcome>().Length];
    private readonly long[] _losses = new long[Enum.GetValues<LossReason>().Length];
    private readonly Dictionary<RefusalCause, long> _refusals = [];

    public IReadOnlyDictionary<RefusalCause, long> Refusals => _refusals;

    public long Attempts(AttemptOutcome outcome) => Interlocked.Read(ref _attempts[(int)outcome]);

    public long Losses(LossReason reason) => _losses[(int)reason];

    public void Attempted(AttemptOutcome outcome) => Interlocked.Increment(ref _attempts[(int)outcome]);

    public void Lost(LossReason reason) => _losses[(int)reason]++;

    public void Refused(RefusalCause cause) => _refusals[cause] = _refusals.GetValueOrDefault(cause) + 1;
}

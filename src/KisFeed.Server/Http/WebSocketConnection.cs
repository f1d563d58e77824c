using System.Net.WebSockets;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Server.Http;

/// <summary>
/// A client's WebSocket connection. Reads messages and passes them to the session one at a time, and writes the queued frames. It keeps
/// reading while a message is handled, so that answers to heartbeats are seen, until the queued messages reach the length of the longest
/// allowed one. No message is handled while the outbound queue is full, so that a client that only sends is held back.
/// </summary>
/// <param name="id">A number for the log.</param>
/// <param name="stream">The connection after the handshake.</param>
/// <param name="abort">Aborts the connection. Called on any thread until <see cref="RunAsync"/> has ended.</param>
/// <param name="logger">The logger.</param>
/// <param name="limits">The limits of the connection.</param>
/// <param name="time">The clock for the time limits of reading and closing. Default: the system clock.</param>
internal sealed class WebSocketConnection(
    long id, Stream stream, Action abort, ILogger logger, ConnectionLimits limits, TimeProvider? time = null)
    : IClientConnection
{
    private const int FirstBuffer = 4096;

    private readonly Lock _gate = new();
    private readonly OutboundBuffer _outbound = new(limits.OutboundBytes);
    private readonly int _maxMessage = limits.MessageBytes;
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private ITimer? _closeTimer;
    private volatile IClientSession? _session;
    private long _framesSent;
    private volatile bool _isClosing;
    private bool _isBreaking;
    private bool _hasEnded;
    private volatile bool _isSilent;
    private volatile bool _hasClosed;
    private volatile bool _isHandling;
    private volatile bool _isHeldBack;
    private volatile bool _isPingHeldBack;

    public long Id => id;

    /// <summary>The registrations of the session that runs on the connection.</summary>
    public int RegistrationCount => _session?.RegistrationCount ?? 0;

    public long FramesSent => Volatile.Read(ref _framesSent);

    public bool IsFull => _outbound.IsFull;

    public long WaitingBytes => _outbound.Waiting;

    public bool IsSilent => _isSilent;

    public bool HasClosed => _hasClosed;

    public bool AcceptsServerEvents { get; set; }

    public LayoutRevision? Revision { get; init; }

    /// <summary>Called with the number of the connection and the reason when it is closed for exceeding its frame limits.</summary>
    public Action<long, string>? Flooded { get; init; }

    /// <summary>Sends the messages that are not shared with other clients. Default: they are sent as they are.</summary>
    public MessageSender? Sender { get; set; }

    /// <summary>Logs the start and end of the session; <see langword="null"/> for no log.</summary>
    public ConnectionLogEntry? LogEntry { get; init; }

    public void OnBegun() => LogEntry?.Begin();

    public void OnRefused(BrokerCode code) => LogEntry?.Refuse(code);

    // A client that does not read its messages is not waiting for the server.
    public bool IsBehind => (_isHandling || _isHeldBack || _isPingHeldBack) && !_outbound.IsFull;

    /// <summary>How long a client has to answer a close frame.</summary>
    private static TimeSpan CloseTimeout { get; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a client has to read its queued messages if its queue is full or it gets no close frame.
    /// Longer, because it may just be slow.
    /// </summary>
    private static TimeSpan BreakTimeout { get; } = TimeSpan.FromSeconds(10);

    public bool Send(MessageKind kind, ReadOnlySpan<byte> text) =>
        (Sender?.Invoke(kind, text) ?? Send(text)) && Count(kind == MessageKind.Data ? 1 : 0);

    public bool Send(in SharedFrames frames) => _outbound.AppendFrames(frames) && Count(frames.Count);

    /// <summary>
    /// Queues a text message, split into fragments at these offsets. Returns <see langword="false"/> if
    /// the connection is closing or silent.
    /// </summary>
    public bool Send(ReadOnlySpan<byte> text, params ReadOnlySpan<int> cuts) => _outbound.AppendText(text, cuts);

    private bool Count(int frames)
    {
        if (frames > 0)
            Interlocked.Add(ref _framesSent, frames);
        return true;
    }

    public Task WaitForRoomAsync() => _outbound.WaitForRoomAsync();

    public bool Close(WebSocketCloseStatus status, string reason) => Close(status, reason, _outbound.IsFull ? BreakTimeout : CloseTimeout);

    public void CloseAtOnce(WebSocketCloseStatus status, string reason) => Close(status, reason, CloseTimeout, awaitsAnswer: false);

    private bool Close(WebSocketCloseStatus status, string reason, TimeSpan timeout, bool awaitsAnswer = true)
    {
        lock (_gate)
        {
            if (_isClosing || _hasEnded || _isSilent)
                return false;
            _isClosing = true;
            _isBreaking = !awaitsAnswer;
            _outbound.Seal(ServerFrame.Close(status, reason));
            _closeTimer ??= CutAfter(timeout);
            return true;
        }
    }

    public void Break()
    {
        lock (_gate)
        {
            if (_isClosing || _hasEnded)
                return;
            _isClosing = _isBreaking = true;
            _outbound.Seal();
            _closeTimer ??= CutAfter(BreakTimeout);
        }
    }

    /// <summary>Stops sending after the queued messages, and keeps the connection open until the client ends it.</summary>
    public void Silence()
    {
        lock (_gate)
        {
            if (_isClosing || _hasEnded)
                return;
            _isSilent = true;
            _outbound.Mute();
        }
    }

    /// <summary>Ends the connection because the server stops: with a close frame, unless it is silent.</summary>
    /// <param name="reason">The reason in the close frame.</param>
    /// <param name="timeout">How long the client has to read its queued messages and to answer. Default: one second.</param>
    public void Stop(string reason, TimeSpan? timeout)
    {
        if (_isSilent)
            Cut();
        else
            Close(WebSocketCloseStatus.EndpointUnavailable, reason, timeout ?? CloseTimeout);
    }

    public void Cut()
    {
        lock (_gate)
        {
            if (_hasEnded)
                return;
            _isClosing = true;
            _outbound.Drop();
            abort();
        }
    }

    private ITimer CutAfter(TimeSpan timeout) =>
        _time.CreateTimer(static state => ((WebSocketConnection)state!).Cut(), this, timeout, Timeout.InfiniteTimeSpan);

    /// <summary>Serves the session until either side ends the connection, and then ends the session.</summary>
    public async Task RunAsync(IClientSession session)
    {
        _session = session;
        using var breaking = new CancellationTokenSource();
        var pump = PumpAsync(breaking);
        WebSocketCloseStatus? answer = null;
        try
        {
            answer = await ServeAsync(session, breaking.Token).ConfigureAwait(false);
            _hasClosed = !_isSilent;
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException)
        {
            // The client disconnected, violated the protocol or was cut.
        }
        catch (Exception e)
        {
            // A bug in the server. The client must not wait for answers that never come.
            ServerLog.SessionFailed(logger, id, e);
            Close(WebSocketCloseStatus.InternalServerError, "the server failed to handle a message", CloseTimeout);
        }
        finally
        {
            // End the session first: a client whose close frame is answered may reconnect immediately and must find its app key free.
            await session.DisposeAsync().ConfigureAwait(false);
            if (answer is { } status)
                Close(status, "");
            await EndAsync(pump).ConfigureAwait(false);
        }
    }

    // Returns the close status: the client's own if the client closes. Messages received before that are still
    // handled; those of a lost client are not.
    private async Task<WebSocketCloseStatus> ServeAsync(IClientSession session, CancellationToken breaking)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(breaking);
        var inbound = new InboundQueue(_maxMessage);
        var handling = HandleAsync(session, inbound, ending);
        try
        {
            var status = await ReceiveAsync(session, inbound, ending.Token).ConfigureAwait(false);
            inbound.Complete();
            return status;
        }
        catch
        {
            inbound.Discard();
            throw;
        }
        finally
        {
            await handling.ConfigureAwait(false);
        }
    }

    private async Task HandleAsync(IClientSession session, InboundQueue inbound, CancellationTokenSource ending)
    {
        try
        {
            while (await inbound.NextAsync().ConfigureAwait(false) is { } text)
            {
                await _outbound.WaitForRoomAsync().ConfigureAwait(false);
                _isHandling = true;
                await session.HandleTextAsync(text).ConfigureAwait(false);
                _isHandling = false;
            }
        }
        catch
        {
            // Messages are no longer handled, so reading ends.
            await ending.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Writes what .NET's WebSocket sends by itself. Waits first, so that a client that sends pings and
    // reads nothing cannot fill the memory.
    private async ValueTask WriteAsync(IClientSession session, ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        if (frame.Span is [var first, ..] && WebSocketFrameHeader.OpcodeOf(first) == WebSocketOpcode.Pong)
        {
            _isPingHeldBack = true;
            await session.BeforePongAsync().ConfigureAwait(false);
            _isPingHeldBack = false;
        }

        await _outbound.WaitForRoomAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        _outbound.AppendFrame(frame.Span);
    }

    private void OnFlood(IClientSession session, string reason)
    {
        if (!Close(WebSocketCloseStatus.PolicyViolation, reason, CloseTimeout))
            return;
        session.HandleFlood();
        Flooded?.Invoke(id, reason);
    }

    private async Task<WebSocketCloseStatus> ReceiveAsync(IClientSession session, InboundQueue inbound, CancellationToken ending)
    {
        using var guard = new FrameGuard(
            limits.Frames, _time, () => _isClosing, reason => OnFlood(session, reason), session.HandlePing,
            session.HandlePong);
        var frames = new ClientFrameStream(stream, guard, (frame, cancellationToken) => WriteAsync(session, frame, cancellationToken));
        await using var _ = frames.ConfigureAwait(false);
        using var socket = WebSocket.CreateFromStream(
            frames, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var buffer = new byte[Math.Min(FirstBuffer, _maxMessage + 1)];
        while (true)
        {
            var (length, isClose) = await ReceiveMessageAsync(socket).ConfigureAwait(false);
            if (isClose)
                return socket.CloseStatus ?? WebSocketCloseStatus.Empty;
            if (length < 0)
            {
                ServerLog.MessageTooLong(logger, id, _maxMessage);
                session.HandleTooLong(_maxMessage);
                return WebSocketCloseStatus.MessageTooBig;
            }

            if (session.TryHandleAtOnce(buffer.AsSpan(0, length)))
                continue;
            inbound.Add(buffer.AsSpan(0, length));
            var room = inbound.WaitForRoomAsync();
            _isHeldBack |= !room.IsCompleted;
            await room.WaitAsync(ending).ConfigureAwait(false);
        }

        async ValueTask<(int Length, bool IsClose)> ReceiveMessageAsync(WebSocket from)
        {
            for (var length = 0; ;)
            {
                var receiving = from.ReceiveAsync(buffer.AsMemory(length), ending);
                if (!receiving.IsCompleted)
                    _isHeldBack = false; // Everything received has been read.
                var part = await receiving.ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close)
                    return (0, true);
                length += part.Count;
                if (length > _maxMessage)
                    return (-1, false);
                if (part.EndOfMessage)
                    return (length, false);
                if (length == buffer.Length)
                    Array.Resize(ref buffer, Math.Min(buffer.Length * 2, _maxMessage + 1));
            }
        }
    }

    private async Task PumpAsync(CancellationTokenSource breaking)
    {
        try
        {
            await _outbound.PumpAsync(stream).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client disconnected; receiving ends as well.
        }

        // After a close frame, receiving continues until the client's close frame, if that is awaited; otherwise it ends now.
        bool isBreaking;
        lock (_gate)
            isBreaking = _isBreaking;
        if (isBreaking)
            await breaking.CancelAsync().ConfigureAwait(false);
    }

    // Queued messages are still sent, in particular a refusal and a close frame, but a client that does
    // not read cannot hold the connection.
    private async Task EndAsync(Task pump)
    {
        _outbound.Seal();
        lock (_gate)
            _closeTimer ??= CutAfter(CloseTimeout);
        await pump.ConfigureAwait(false);
        lock (_gate)
            _hasEnded = true;
        await _closeTimer.DisposeAsync().ConfigureAwait(false);
    }
}

/// <summary>Sends a message. Returns <see langword="false"/> if it is not sent.</summary>
internal delegate bool MessageSender(MessageKind kind, ReadOnlySpan<byte> text);

using System.Net.WebSockets;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.Server;

/// <summary>
/// A client's WebSocket connection: reads messages and hands them to the session one after another, and pumps out what is queued. It reads on while a message is handled, so that echoes of heartbeats are seen, until as many
/// bytes wait as the longest message may have. None is handled while the queue of what goes out is full, so that a client which only sends is held back.
/// </summary>
/// <param name="id">A number for the log.</param>
/// <param name="stream">The connection after the handshake.</param>
/// <param name="abort">Breaks the connection off. May be called by any thread, until <see cref="RunAsync"/> has ended.</param>
/// <param name="logger">Where to log.</param>
/// <param name="limits">What it may use; the usual where it is not given.</param>
/// <param name="time">The clock for the time that a client has to read and to answer a close frame. Default: the system's.</param>
internal sealed class WebSocketConnection(long id, Stream stream, Action abort, ILogger logger, ConnectionLimits? limits = null, TimeProvider? time = null) : IClientConnection
{
    private const int FirstBuffer = 4096;

    private readonly Lock _gate = new();
    private readonly OutboundBuffer _outbound = new((limits ?? ConnectionLimits.Default).OutboundBytes);
    private readonly int _maxMessage = (limits ?? ConnectionLimits.Default).MessageBytes;
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private ITimer? _patience;
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

    public long FramesSent => Volatile.Read(ref _framesSent);

    public bool IsFull => _outbound.IsFull;

    public long WaitingBytes => _outbound.Waiting;

    public bool IsSilent => _isSilent;

    public bool HasClosed => _hasClosed;

    public bool TakesServerEvents { get; set; }

    /// <summary>Called with the number of the connection and the reason when its client has sent more frames than it may and is closed for it.</summary>
    public Action<long, string>? Flooded { get; init; }
    /// <summary>Logs what becomes of it; <see langword="null"/> for nobody.</summary>
    public ConnectionLogEntry? LogEntry { get; init; }

    public void OnBegun() => LogEntry?.Begin();

    public void OnRefused(BrokerCode code) => LogEntry?.Refuse(code);

    // A client that does not read what is there for it waits for nothing.
    public bool IsBehind => (_isHandling || _isHeldBack || _isPingHeldBack) && !_outbound.IsFull;

    /// <summary>How long a client has to answer a close frame. By the system's clock: it guards against the peer.</summary>
    private static TimeSpan ClosePatience { get; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a client whose queue is full, or whose connection is broken off, has to read what is queued. Longer, because it may read and be slow.</summary>
    private static TimeSpan BreakPatience { get; } = TimeSpan.FromSeconds(10);

    public bool Send(MessageKind kind, ReadOnlySpan<byte> text) => Send(text) && Count(kind == MessageKind.Data ? 1 : 0);

    public bool Send(in SharedFrames frames) => _outbound.AppendFrames(frames) && Count(frames.Count);

    /// <summary>Queues a text message, whatever it is, cut into fragments at these places; <see langword="false"/> where the connection is closing or silent.</summary>
    public bool Send(ReadOnlySpan<byte> text, params ReadOnlySpan<int> cuts) => _outbound.AppendText(text, cuts);

    private bool Count(int frames)
    {
        if (frames > 0)
            Interlocked.Add(ref _framesSent, frames);
        return true;
    }

    public Task WaitForRoomAsync() => _outbound.WaitForRoomAsync();

    public bool Close(WebSocketCloseStatus status, string reason) => Close(status, reason, _outbound.IsFull ? BreakPatience : ClosePatience);

    private bool Close(WebSocketCloseStatus status, string reason, TimeSpan patience)
    {
        lock (_gate)
        {
            if (_isClosing || _hasEnded || _isSilent)
                return false;
            _isClosing = true;
            _outbound.Seal(ServerFrame.Close(status, reason));
            _patience ??= CutAfter(patience);
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
            _patience ??= CutAfter(BreakPatience);
        }
    }

    /// <summary>Sends nothing any more once what is queued has gone out, and keeps the connection until the client ends it.</summary>
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

    /// <summary>Ends the connection because the server stops: with a close frame that says so, unless it is silent.</summary>
    /// <param name="reason">What the close frame says.</param>
    /// <param name="patience">How long the client has to read what is queued and to answer; a second where it is not given.</param>
    public void Stop(string reason, TimeSpan? patience)
    {
        if (_isSilent)
            Cut();
        else
            Close(WebSocketCloseStatus.EndpointUnavailable, reason, patience ?? ClosePatience);
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

    private ITimer CutAfter(TimeSpan patience) =>
        _time.CreateTimer(static state => ((WebSocketConnection)state!).Cut(), this, patience, Timeout.InfiniteTimeSpan);

    /// <summary>Serves the session until the connection ends, whoever ends it; then ends the session.</summary>
    public async Task RunAsync(IClientSession session)
    {
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
            // The client has gone, broke the protocol, or was cut: there is nobody left to tell.
        }
        catch (Exception e)
        {
            // A mistake of ours. The client must not wait for answers that never come.
            ServerLog.SessionFailed(logger, id, e);
            Close(WebSocketCloseStatus.InternalServerError, "the server failed to handle a message", ClosePatience);
        }
        finally
        {
            // The session first: a client that has its close frame answered may come back at once and finds its app key free.
            await session.DisposeAsync().ConfigureAwait(false);
            if (answer is { } status)
                Close(status, "");
            await EndAsync(pump).ConfigureAwait(false);
        }
    }

    // Gives the status with which to close: the client's own where the client closes. What came before that is still handled; of a client that has gone nothing is.
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
            inbound.Abandon();
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
            // Nobody takes messages any more, so none are read.
            await ending.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask BeforePongAsync(IClientSession session)
    {
        _isPingHeldBack = true;
        await session.BeforePongAsync().ConfigureAwait(false);
        _isPingHeldBack = false;
    }

    private void OnFlood(IClientSession session, string reason)
    {
        if (!Close(WebSocketCloseStatus.PolicyViolation, reason, ClosePatience))
            return;
        session.HandleFlood();
        Flooded?.Invoke(id, reason);
    }

    private async Task<WebSocketCloseStatus> ReceiveAsync(IClientSession session, InboundQueue inbound, CancellationToken ending)
    {
        using var guard = new FrameGuard((limits ?? ConnectionLimits.Default).Frames, _time, () => _isClosing, reason => OnFlood(session, reason), session.HandlePing, session.HandlePong);
        var frames = new ClientFrameStream(stream, guard, _outbound, () => BeforePongAsync(session));
        await using var _ = frames.ConfigureAwait(false);
        using var socket = WebSocket.CreateFromStream(frames, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });
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
                    _isHeldBack = false; // All that had come is read.
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
            // The client has gone: the receiving side ends as well.
        }

        // After a close frame the client's is still awaited; else there is nothing to wait for.
        bool isBreaking;
        lock (_gate)
            isBreaking = _isBreaking;
        if (isBreaking)
            await breaking.CancelAsync().ConfigureAwait(false);
    }

    // What is queued may still go out, a refusal and a close frame above all, but a client that does not read cannot hold the connection.
    private async Task EndAsync(Task pump)
    {
        _outbound.Seal();
        lock (_gate)
            _patience ??= CutAfter(ClosePatience);
        await pump.ConfigureAwait(false);
        lock (_gate)
            _hasEnded = true;
        await _patience.DisposeAsync().ConfigureAwait(false);
    }
}

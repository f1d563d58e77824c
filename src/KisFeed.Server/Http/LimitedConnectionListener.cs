using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace KisFeed.Server;

/// <summary>One socket that listens.</summary>
internal sealed class LimitedConnectionListener : IConnectionListener
{
    // Long enough to cost nothing, and short enough that clients in the system's queue hardly notice.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly int _limit;
    private readonly Action? _onRefused;
    private readonly ILogger _logger;
    private readonly LogSampler _failures = new(TimeProvider.System);
    private readonly SocketConnectionContextFactory _contexts;
    private readonly CancellationTokenSource _unbound = new();
    private int _open;

    public LimitedConnectionListener(Socket socket, int limit, Action? onRefused, ILogger logger)
    {
        _socket = socket;
        _limit = limit;
        _onRefused = onRefused;
        _logger = logger;
        _contexts = new SocketConnectionContextFactory(new SocketConnectionFactoryOptions(), logger);
        EndPoint = socket.LocalEndPoint!;
    }

    public EndPoint EndPoint { get; }

    // Kestrel listens no more after an exception, so there is none.
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (!_unbound.IsCancellationRequested)
        {
            try
            {
                var accepted = await _socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
                if (Volatile.Read(ref _open) < _limit)
                    return Open(accepted);
                accepted.Close(0);
                _onRefused?.Invoke();
            }
            catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
            {
                return null;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.OperationAborted)
            {
                return null;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.NotConnected or SocketError.InvalidArgument)
            {
                // The client has gone already.
            }
            catch (SocketException e)
            {
                if (_failures.TryPass(out var skipped))
                    ServerLog.AcceptFailed(_logger, e.SocketErrorCode, skipped);
                await PauseAsync().ConfigureAwait(false);
            }
        }

        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _unbound.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync().ConfigureAwait(false);
        _contexts.Dispose();
        _unbound.Dispose();
    }

    private ConnectionContext Open(Socket accepted)
    {
        accepted.NoDelay = true;
        var connection = _contexts.Create(accepted);
        Interlocked.Increment(ref _open);
        connection.ConnectionClosed.UnsafeRegister(static state => Interlocked.Decrement(ref ((LimitedConnectionListener)state!)._open), this);
        return connection;
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(s_pause, _unbound.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It listens no more.
        }
    }
}

/// <summary>
/// Accepts connections in place of Kestrel's own transport, which tries again at once and for ever when the system has no descriptor left: that takes a processor and, by its exceptions, the memory.
/// </summary>
/// <param name="listening">A socket that listens already, for its own address; <see langword="null"/> for none.</param>
/// <param name="limit">Connections at once. More are closed as soon as they are accepted, before anything is made for them.</param>
/// <param name="onRefused">Told of each connection too many.</param>
/// <param name="logger">Where to log that none can be accepted.</param>
internal sealed class LimitedConnectionListenerFactory(Socket? listening, int limit, Action? onRefused, ILogger logger) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = endpoint.Equals(listening?.LocalEndPoint) ? listening : ListenSocket.Open((IPEndPoint)endpoint);
        return ValueTask.FromResult<IConnectionListener>(new LimitedConnectionListener(socket, limit, onRefused, logger));
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using KisFeed.Server.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace KisFeed.Server.Http;

/// <summary>Accepts connections on one socket.</summary>
internal sealed class LimitedConnectionListener(Socket socket, int limit, Action? onRefused, ILogger logger) : IConnectionListener
{
    // Long enough to cost nothing, short enough that clients in the system's queue hardly notice.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly LogSampler _failures = new(TimeProvider.System);
    private readonly SocketConnectionContextFactory _contexts = new(new SocketConnectionFactoryOptions(), logger);
    private readonly CancellationTokenSource _unbound = new();
    private int _open;

    public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

    // Never throws, because Kestrel stops listening after an exception.
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (!_unbound.IsCancellationRequested)
        {
            try
            {
                var accepted = await socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
                if (Volatile.Read(ref _open) < limit)
                    return Open(accepted);
                onRefused?.Invoke();
                accepted.Close(0);
            }
            catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
            {
                return null;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.OperationAborted)
            {
                return null;
            }
            catch (SocketException e)
                when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.NotConnected
                    or SocketError.InvalidArgument)
            {
                // The client is gone already.
            }
            catch (SocketException e)
            {
                if (_failures.TrySample(out var skipped))
                    ServerLog.AcceptFailed(logger, e.SocketErrorCode, skipped);
                await Task.Delay(s_pause, _unbound.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _unbound.CancelAsync().ConfigureAwait(false);
        socket.Dispose();
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
        SocketPipeWriter.Use(connection, accepted);
        Interlocked.Increment(ref _open);
        connection.ConnectionClosed.UnsafeRegister(
            static state => Interlocked.Decrement(ref ((LimitedConnectionListener)state!)._open), this);
        return connection;
    }
}

/// <summary>
/// Accepts connections in place of Kestrel's own transport. That one retries immediately and without end when the system has no descriptors
/// left, which uses a processor and, by its exceptions, all memory.
/// </summary>
/// <param name="listening">A socket that listens already, used for its own address; <see langword="null"/> for none.</param>
/// <param name="limit">The maximum number of concurrent connections. Further ones are closed when accepted, before
/// anything is allocated for them.</param>
/// <param name="onRefused">Called for each connection beyond the limit.</param>
/// <param name="logger">The logger for failures to accept connections.</param>
internal sealed class LimitedConnectionListenerFactory(Socket? listening, int limit, Action? onRefused, ILogger logger)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = endpoint.Equals(listening?.LocalEndPoint) ? listening : ListenSocket.Open((IPEndPoint)endpoint);
        return ValueTask.FromResult<IConnectionListener>(new LimitedConnectionListener(socket, limit, onRefused, logger));
    }
}

internal static class ListenAddress
{
    /// <summary>Parses an IP address or <c>localhost</c>, which means 127.0.0.1.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out IPAddress? address)
    {
        if (!string.Equals(text, "localhost", StringComparison.OrdinalIgnoreCase))
            return IPAddress.TryParse(text, out address);
        address = IPAddress.Loopback;
        return true;
    }
}

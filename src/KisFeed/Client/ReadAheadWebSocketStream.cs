using System.Diagnostics;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace KisFeed.Client;

/// <summary>
/// A stream between the connection and the <see cref="System.Net.WebSockets.ClientWebSocket"/> that reads it. It presents text messages as
/// binary ones, because the WebSocket aborts the connection when a text message is not valid UTF-8, but does not inspect binary ones. It
/// also reads ahead: plain messages are returned immediately, as many as one read has received. The WebSocket gets the rest, frame by
/// frame: fragments, control frames, long messages and protocol errors.
/// </summary>
/// <remarks>
/// Either <see cref="WaitForMessageAsync"/> or the WebSocket reads at a time, and the former only when the
/// WebSocket has finished a whole message.
/// </remarks>
internal sealed class ReadAheadWebSocketStream(Stream connection) : SequentialStream
{
    private readonly ReadAheadBuffer _ahead = new();
    private UpgradeResponse _response;
    private ExceptionDispatchInfo? _failure;

    // The number of bytes of the current frame that the WebSocket has not read yet.
    private ulong _pendingBytes;

    public override bool CanRead => connection.CanRead;

    public override bool CanWrite => connection.CanWrite;

    /// <summary>
    /// Creates a handler that opens WebSockets through such a stream and is otherwise configured like the default one of a
    /// <see cref="System.Net.WebSockets.ClientWebSocket"/>.
    /// </summary>
    /// <param name="made">Called with each stream that is created; the last one belongs to the WebSocket.</param>
    /// <param name="certificateCheck">Validates the server's certificate; by default the system does.</param>
    /// <param name="clientCertificate">Presented to a server that requests a certificate; by default none is.</param>
    public static SocketsHttpHandler CreateHandler(
        Action<ReadAheadWebSocketStream>? made = null,
        RemoteCertificateValidationCallback? certificateCheck = null,
        SslStreamCertificateContext? clientCertificate = null) =>
        new()
        {
            SslOptions = { RemoteCertificateValidationCallback = certificateCheck, ClientCertificateContext = clientCertificate },
            PooledConnectionLifetime = TimeSpan.Zero,
            UseCookies = false,

            // The approval key opens a session; it must reach only the configured address.
            AllowAutoRedirect = false,

            // The consumer's trace context does not concern the broker, which does not expect such a header either.
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),

            // Also called for the connection to a proxy, whose response shows that no frames follow; the tunnelled
            // connection gets a stream of its own.
            PlaintextStreamFilter = (context, _) =>
            {
                var stream = new ReadAheadWebSocketStream(context.PlaintextStream);
                made?.Invoke(stream);
                return ValueTask.FromResult<Stream>(stream);
            },
        };

    /// <summary>Waits until <see cref="TryReadMessage"/> has a message.</summary>
    /// <returns><see langword="false"/> if the next bytes are not a plain message, or the connection ended or failed: the
    /// WebSocket must read them.</returns>
    // Called for every read of a session, so the awaiting state is pooled.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitForMessageAsync(int maxMessageBytes, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var next = _ahead.Next(maxMessageBytes);
                if (next != FrameKind.Incomplete)
                    return next == FrameKind.Message;
                if (!await ReadAheadAsync(cancellationToken).ConfigureAwait(false))
                    return false;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The WebSocket gets the error as if it had read itself, and handles it.
            _failure = ExceptionDispatchInfo.Capture(e);
            return false;
        }
    }

    /// <summary>Returns the next message if it is completely buffered. Its bytes are valid until the next wait.</summary>
    public bool TryReadMessage(int maxMessageBytes, out Memory<byte> message) => _ahead.TryReadMessage(maxMessageBytes, out message);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _failure?.Throw();
        if (!_response.IsUpgraded)
        {
            var count = await connection.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            return ReadResponse(buffer.Span[..count]);
        }

        while (_pendingBytes == 0 && !_ahead.TryBeginFrame(out _pendingBytes))
        {
            if (await ReadAheadAsync(cancellationToken).ConfigureAwait(false))
                continue;
            if (_ahead.Unread.IsEmpty)
                return 0;

            // The WebSocket also handles the beginning of an incomplete frame.
            _pendingBytes = (uint)_ahead.Unread.Length;
        }

        while (_ahead.Unread.IsEmpty)
        {
            if (!await ReadAheadAsync(cancellationToken).ConfigureAwait(false))
                return 0;
        }

        return ReadFromFrame(buffer.Span);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        connection.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => connection.FlushAsync(cancellationToken);

    public override void Flush() => connection.Flush();

    public override async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            connection.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Clears the bytes that were read but not consumed. For the reader, after reading has ended.</summary>
    public void Erase() => _ahead.Erase();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadAheadAsync(CancellationToken cancellationToken)
    {
        var count = await connection.ReadAsync(_ahead.GetFreeMemory(), cancellationToken).ConfigureAwait(false);
        _ahead.Advance(count);
        return count > 0;
    }

    // Frames that arrived with the response are held back, so that it is always known which of them the WebSocket has read.
    private int ReadResponse(ReadOnlySpan<byte> received)
    {
        var length = _response.Read(received);
        if (!_response.IsUpgraded)
            return received.Length;
        _ahead.Add(received[length..]);
        return length;
    }

    private int ReadFromFrame(Span<byte> buffer)
    {
        var count = _ahead.Move(buffer[..(int)Math.Min((uint)buffer.Length, _pendingBytes)]);
        _pendingBytes -= (uint)count;
        return count;
    }
}

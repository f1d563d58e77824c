using System.Diagnostics;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace KisFeed;

/// <summary>
/// What stands between the connection and the <see cref="System.Net.WebSockets.ClientWebSocket"/> that reads it. Presents text messages as binary ones: the WebSocket gives
/// up the connection when a text message is not valid UTF-8; a binary one it does not look into. And reads ahead: who asks here first gets plain messages at once, as many
/// as one read has brought, and the WebSocket gets what remains, frame by frame: fragments, control frames, whatever is long or wrong.
/// </summary>
/// <remarks>Either <see cref="WaitForMessageAsync"/> or the WebSocket reads at a time, and the former only where the WebSocket is done with a whole message.</remarks>
internal sealed class ReadAheadWebSocketStream(Stream connection) : Stream
{
    private readonly ReadAheadBuffer _ahead = new();
    private UpgradeResponse _response;
    private TextOpcodeRewriter _frames;
    private ExceptionDispatchInfo? _failure;

    // What the WebSocket has not got yet of the frame that it is getting.
    private ulong _owed;

    public override bool CanRead => connection.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => connection.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// A handler that opens WebSockets through such a stream, and is otherwise set up as the one is that a <see cref="System.Net.WebSockets.ClientWebSocket"/> uses
    /// by default.
    /// </summary>
    /// <param name="made">Told of each stream that is made; the last is the one of the WebSocket.</param>
    /// <param name="certificateCheck">Checks the server's certificate; by default the system does.</param>
    /// <param name="clientCertificate">Presented to a server that asks for a certificate; by default none is.</param>
    public static SocketsHttpHandler CreateHandler(Action<ReadAheadWebSocketStream>? made = null, RemoteCertificateValidationCallback? certificateCheck = null, SslStreamCertificateContext? clientCertificate = null) => new()
    {
        SslOptions = { RemoteCertificateValidationCallback = certificateCheck, ClientCertificateContext = clientCertificate },
        PooledConnectionLifetime = TimeSpan.Zero,
        UseCookies = false,

        // A session is opened with the approval key, which is for the address that was configured and for no other.
        AllowAutoRedirect = false,

        // The identity of a consumer's trace is none of the broker's business, nor a header that it expects.
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),

        // Of the connection to a proxy as well, where the proxy's own response shows that no frames follow; what is tunnelled through it comes here again.
        PlaintextStreamFilter = (context, _) =>
        {
            var stream = new ReadAheadWebSocketStream(context.PlaintextStream);
            made?.Invoke(stream);
            return ValueTask.FromResult<Stream>(stream);
        },
    };

    /// <summary>Waits until <see cref="TryTakeMessage"/> has a message.</summary>
    /// <returns>Whether it has; <see langword="false"/> where the WebSocket is to read what comes next, be it the end or an error.</returns>
    // Called for every read of a session: what it waits with is used again.
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
            // The WebSocket meets it as if it had read itself, and knows what it means for the connection.
            _failure = ExceptionDispatchInfo.Capture(e);
            return false;
        }
    }

    /// <summary>Takes the next message, if it is at hand as a whole. Its bytes are there until more is waited for.</summary>
    public bool TryTakeMessage(int maxMessageBytes, out Memory<byte> message) => _ahead.TryTake(maxMessageBytes, out message);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _failure?.Throw();
        if (!_response.IsUpgraded)
        {
            var count = await connection.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            return TakeResponse(buffer.Span[..count]);
        }

        while (_owed == 0 && !_ahead.TryGetFrameLength(out _owed))
        {
            if (await ReadAheadAsync(cancellationToken).ConfigureAwait(false))
                continue;
            if (_ahead.Rest.IsEmpty)
                return 0;

            // The beginning of a frame that never came is the WebSocket's to judge as well.
            _owed = (uint)_ahead.Rest.Length;
        }

        while (_ahead.Rest.IsEmpty)
        {
            if (!await ReadAheadAsync(cancellationToken).ConfigureAwait(false))
                return 0;
        }

        return TakeFromFrame(buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => connection.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        connection.WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => connection.FlushAsync(cancellationToken);

    public override void Flush() => connection.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

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

    /// <summary>Clears what was read and not taken. For the one who reads, once that has ended.</summary>
    public void Erase() => _ahead.Erase();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadAheadAsync(CancellationToken cancellationToken)
    {
        var count = await connection.ReadAsync(_ahead.Room(), cancellationToken).ConfigureAwait(false);
        _ahead.Filled(count);
        return count > 0;
    }

    // Frames that came with the response are kept back, so that it is always known which the WebSocket has got.
    private int TakeResponse(ReadOnlySpan<byte> received)
    {
        var length = _response.Take(received);
        if (!_response.IsUpgraded)
            return received.Length;
        _ahead.Add(received[length..]);
        return length;
    }

    private int TakeFromFrame(Span<byte> buffer)
    {
        var count = _ahead.Move(buffer[..(int)Math.Min((uint)buffer.Length, _owed)]);
        _owed -= (uint)count;
        _frames.Relabel(buffer[..count]);
        return count;
    }
}

using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace KisFeed.Server.Http;

/// <summary>
/// Sends what Kestrel writes to a connection directly to its socket. The transport's own pipe copies every byte once more, hands it to
/// another thread, and, for connections that are accepted here, allocates memory for it: together half of the processor time of a fan-out.
/// A flush completes when the system has accepted all bytes.
/// </summary>
/// <param name="connection">The connection. Its own output gets no data and is completed with this writer.</param>
/// <param name="socket">The socket of the connection.</param>
internal sealed class SocketPipeWriter(ConnectionContext connection, Socket socket) : PipeWriter
{
    // The longest batch of frames that is sent at once.
    private const int FirstCapacity = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly PipeWriter _transport = connection.Transport.Output;
    private byte[] _buffer = [];
    private int _count;
    private bool _isSending;
    private bool _isCompleted;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _count;

    public static void Use(ConnectionContext connection, Socket socket) =>
        connection.Transport = new DirectTransport(connection.Transport.Input, new SocketPipeWriter(connection, socket));

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureCapacity(sizeHint);
        return _buffer.AsMemory(_count);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureCapacity(sizeHint);
        return _buffer.AsSpan(_count);
    }

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _buffer.Length - _count);
        _count += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_isCompleted)
                return new(new FlushResult(isCanceled: false, isCompleted: true));
            if (_count == 0)
                return default;
            _isSending = true;
        }

        return cancellationToken.CanBeCanceled ? SendUntilCanceledAsync(cancellationToken) : SendAsync();
    }

    /// <summary>Ends the connection, because a part of the buffer may have been sent already.</summary>
    public override void CancelPendingFlush() => connection.Abort(new ConnectionAbortedException("a write was canceled"));

    public override void Complete(Exception? exception = null) => _ = CompleteAsync(exception).AsTask();

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (exception is null && !_isSending)
            await FlushAsync().ConfigureAwait(false);
        lock (_gate)
        {
            _isCompleted = true;
            ReleaseLocked();
        }

        await _transport.CompleteAsync(exception).ConfigureAwait(false);
    }

    private async ValueTask<FlushResult> SendUntilCanceledAsync(CancellationToken cancellationToken)
    {
        using var canceling = cancellationToken.UnsafeRegister(static state => ((SocketPipeWriter)state!).CancelPendingFlush(), this);
        var result = await SendAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return result;
    }

    private async ValueTask<FlushResult> SendAsync()
    {
        var isSent = false;
        try
        {
            for (var sent = 0; sent < _count;)
                sent += await socket.SendAsync(_buffer.AsMemory(sent, _count - sent), SocketFlags.None).ConfigureAwait(false);
            isSent = true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The connection has ended; the transport notices that when it reads.
        }

        lock (_gate)
        {
            _isSending = false;
            _isCompleted |= !isSent;
            ReleaseLocked();
            return new FlushResult(isCanceled: false, _isCompleted);
        }
    }

    private void EnsureCapacity(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        var needed = _count + Math.Max(1, sizeHint);
        if (needed <= _buffer.Length)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(FirstCapacity, _buffer.Length * 2)));
        _buffer.AsSpan(0, _count).CopyTo(larger);
        Return();
        _buffer = larger;
    }

    // The socket may still read the buffer; it is returned afterwards.
    private void ReleaseLocked()
    {
        if (_isSending)
            return;
        Return();
        _buffer = [];
        _count = 0;
    }

    // Acknowledgements contain keys.
    private void Return()
    {
        if (_buffer.Length == 0)
            return;
        _buffer.AsSpan(0, _count).Clear();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private sealed record DirectTransport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

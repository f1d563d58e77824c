using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace KisFeed;

/// <summary>
/// What stands between the connection and the <see cref="System.Net.WebSockets.ClientWebSocket"/> that reads it: lets everything through as it is, but presents text
/// messages as binary ones. The WebSocket gives up the connection when a text message is not valid UTF-8; a binary one it does not look into.
/// </summary>
internal sealed class TextAsBinaryStream(Stream connection) : Stream
{
    private UpgradeResponse _response;
    private TextFrameRelabeler _frames;

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
    public static SocketsHttpHandler CreateHandler() => new()
    {
        PooledConnectionLifetime = TimeSpan.Zero,
        UseCookies = false,

        // The identity of a consumer's trace is none of the broker's business, nor a header that it expects.
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),

        // Of the connection to a proxy as well, where the proxy's own response shows that no frames follow; what is tunnelled through it comes here again.
        PlaintextStreamFilter = static (context, _) => ValueTask.FromResult<Stream>(new TextAsBinaryStream(context.PlaintextStream)),
    };

    // Called for every read of a session: what it waits with is used again.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await connection.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Present(buffer.Span[..count]);
        return count;
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

    private void Present(Span<byte> received)
    {
        if (!_response.IsUpgraded)
            received = received[_response.Take(received)..];
        if (_response.IsUpgraded)
            _frames.Relabel(received);
    }
}

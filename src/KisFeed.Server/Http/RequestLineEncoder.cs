using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace KisFeed.Server;

/// <summary>
/// Percent-encodes bytes beyond ASCII in the request lines of a connection, as <c>curl 'http://…?q=삼성'</c> sends them, which Kestrel refuses to read. A request that has a body or becomes a WebSocket ends the
/// search for request lines on its connection: from there on bytes pass untouched.
/// </summary>
internal static class RequestLineEncoder
{
    /// <summary>Stands right before the HTTP of a connection, behind its TLS.</summary>
    public static ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        var transport = connection.Transport;
        var input = new RequestLineReader(transport.Input);
        connection.Transport = new Encoded(input, transport.Output);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            connection.Transport = transport;
        }
    };

    private sealed record Encoded(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

/// <summary>
/// Reads a connection. As long as all request lines are ASCII, what is read is the connection's own memory; from the first line that is not, it is a copy in which such bytes are encoded.
/// </summary>
/// <param name="input">The connection.</param>
internal sealed class RequestLineReader(PipeReader input) : PipeReader
{
    private readonly RequestLineScanner _scanner = new();
    private Pipe? _copy;
    private ReadOnlySequence<byte> _buffer;
    private long _scanned; // Bytes at the beginning of the buffer that the scanner has seen.

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_copy is not null && _copy.Reader.TryRead(out var copied))
                return copied;
            if (Take(await input.ReadAsync(cancellationToken).ConfigureAwait(false)) is { } result)
                return result;
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        while (_copy?.Reader.TryRead(out result) != true)
        {
            if (!input.TryRead(out var read))
            {
                result = default;
                return false;
            }

            if (Take(read) is { } taken)
            {
                result = taken;
                return true;
            }
        }

        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_copy is not null)
        {
            _copy.Reader.AdvanceTo(consumed, examined);
            return;
        }

        _scanned -= _buffer.Slice(_buffer.Start, consumed).Length;
        _buffer = default;
        input.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => input.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        _copy?.Reader.Complete(exception);
        input.Complete(exception);
    }

    // Nothing where the reader has to look into the copy.
    private ReadResult? Take(ReadResult read)
    {
        if (_copy is null && !FindsOthers(read.Buffer))
        {
            _buffer = read.Buffer;
            return read;
        }

        var ready = 0L;
        if (_copy is null)
        {
            _copy = new Pipe(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
            ready = _scanned;
        }

        foreach (var segment in read.Buffer.Slice(0, ready))
            _copy.Writer.Write(segment.Span);
        foreach (var segment in read.Buffer.Slice(ready))
            _scanner.Encode(segment.Span, _copy.Writer);
        _ = _copy.Writer.FlushAsync().AsTask(); // Never waits, without a threshold.
        input.AdvanceTo(read.Buffer.End);
        if (read.IsCanceled)
            _copy.Reader.CancelPendingRead();
        if (read.IsCompleted)
            _copy.Writer.Complete();
        return null;
    }

    private bool FindsOthers(ReadOnlySequence<byte> buffer)
    {
        foreach (var segment in buffer.Slice(_scanned))
        {
            var scanned = _scanner.ScanAscii(segment.Span);
            _scanned += scanned;
            if (scanned < segment.Length)
                return true;
        }

        return false;
    }
}

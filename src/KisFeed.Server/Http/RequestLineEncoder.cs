using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace KisFeed.Server.Http;

/// <summary>
/// Percent-encodes non-ASCII bytes in the request lines of a connection, as <c>curl 'http://…?q=삼성'</c> sends them; Kestrel rejects such requests.
/// A request that has a body or becomes a WebSocket ends the search for request lines: from then on all bytes of the connection pass unchanged.
/// </summary>
internal static class RequestLineEncoder
{
    /// <summary>The connection middleware. It comes after TLS, directly before HTTP.</summary>
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
/// Reads a connection. As long as all request lines are ASCII, it returns the connection's own memory; from the first other line on, it returns a copy
/// in which the bytes are encoded.
/// </summary>
/// <param name="input">The connection.</param>
internal sealed class RequestLineReader(PipeReader input) : PipeReader
{
    private readonly RequestLineScanner _scanner = new();
    private Pipe? _copy;
    private ReadOnlySequence<byte> _buffer;
    private long _scanned; // Bytes at the start of the buffer that the scanner has seen.

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_copy is not null && _copy.Reader.TryRead(out var copied))
                return copied;
            if (Process(await input.ReadAsync(cancellationToken).ConfigureAwait(false)) is { } result)
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

            if (Process(read) is { } processed)
            {
                result = processed;
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

    // Returns null if the bytes were written to the copy.
    private ReadResult? Process(ReadResult read)
    {
        if (_copy is null && !ContainsNonAscii(read.Buffer))
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

    private bool ContainsNonAscii(ReadOnlySequence<byte> buffer)
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

/// <summary>Finds the request lines of an HTTP/1.1 connection, until a request has a body or upgrades the connection.</summary>
internal sealed class RequestLineScanner
{
    private const int LongestName = 17;

    private readonly byte[] _name = new byte[LongestName];
    private int _nameLength;
    private State _state;
    private bool _isLineEmpty = true;
    private bool _isLastRequest;

    private enum State
    {
        RequestLine,
        HeaderName,
        HeaderValue,
        Over,
    }

    /// <summary>Scans bytes up to the first non-ASCII byte of a request line.</summary>
    /// <returns>The number of scanned bytes: all of them if there is no such byte.</returns>
    public int ScanAscii(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length && _state != State.Over; i++)
        {
            if (IsToEncode(bytes[i]))
                return i;
            Step(bytes[i]);
        }

        return bytes.Length;
    }

    /// <summary>Scans bytes and writes them, percent-encoding the non-ASCII bytes of request lines.</summary>
    public void Encode(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        while (!bytes.IsEmpty)
        {
            var ascii = ScanAscii(bytes);
            output.Write(bytes[..ascii]);
            bytes = bytes[ascii..];
            if (bytes.IsEmpty)
                return;
            output.Write(Encoding.ASCII.GetBytes($"%{bytes[0]:X2}"));
            bytes = bytes[1..];
        }
    }

    private bool IsToEncode(byte b) => _state == State.RequestLine && !Ascii.IsValid(b);

    private void Step(byte b)
    {
        if (b == '\n')
            EndLine();
        else if (b == '\r')
            return;
        else if (_state == State.HeaderName && b == ':')
            EndName();
        else if (_state == State.HeaderName && _nameLength < LongestName)
            _name[_nameLength++] = b;
        _isLineEmpty &= b is (byte)'\r' or (byte)'\n';
    }

    private void EndLine()
    {
        if (_state == State.RequestLine)
            _state = _isLineEmpty ? State.RequestLine : State.HeaderName;
        else if (!_isLineEmpty)
            _state = State.HeaderName;
        else
            _state = _isLastRequest ? State.Over : State.RequestLine;
        _isLineEmpty = true;
        _nameLength = 0;
    }

    // Without parsing this request's body, the start of the next request is unknown; after an upgrade there is none.
    private void EndName()
    {
        var name = _name.AsSpan(0, _nameLength);
        _isLastRequest |= Ascii.EqualsIgnoreCase(name, "Content-Length"u8) || Ascii.EqualsIgnoreCase(name, "Transfer-Encoding"u8) || Ascii.EqualsIgnoreCase(name, "Upgrade"u8);
        _state = State.HeaderValue;
    }
}

using System.Buffers;
using System.Text;

namespace KisFeed.Server;

/// <summary>Tells the request lines of an HTTP/1.1 connection from what is between them, until a request has a body or becomes something else.</summary>
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

    /// <summary>Scans bytes up to the first one of a request line that is not ASCII.</summary>
    /// <returns>How many bytes were scanned: all of them where there is none.</returns>
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

    /// <summary>Scans bytes, and writes them with those of request lines that are not ASCII percent-encoded.</summary>
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

    // Where the next request begins cannot be told without reading the body of this one, or it never does.
    private void EndName()
    {
        var name = _name.AsSpan(0, _nameLength);
        _isLastRequest |= Ascii.EqualsIgnoreCase(name, "Content-Length"u8) || Ascii.EqualsIgnoreCase(name, "Transfer-Encoding"u8) || Ascii.EqualsIgnoreCase(name, "Upgrade"u8);
        _state = State.HeaderValue;
    }
}

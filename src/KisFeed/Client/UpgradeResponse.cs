namespace KisFeed.Client;

/// <summary>
/// Finds the end of the HTTP response head that opens a WebSocket, however the bytes are split, and whether the response is an upgrade. A
/// mutable struct: keep it in a field, do not copy it.
/// </summary>
internal struct UpgradeResponse
{
    private const int StatusStart = 9; // HTTP/1.1 101
    private const int StatusEnd = 12;
    private const int SwitchingProtocols = 101;

    private int _position;
    private int _status;
    private int _lineLength;

    /// <summary>Whether WebSocket frames follow.</summary>
    public bool IsUpgraded { get; private set; }

    /// <summary>Whether the server answered without an upgrade, so that no frames follow.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Reads the next bytes of the connection.</summary>
    /// <returns>The number of bytes that belong to the head; any rest follows it.</returns>
    public int Read(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (IsUpgraded || IsRefused)
                return i;
            ReadByte(bytes[i]);
        }

        return bytes.Length;
    }

    // A bare line feed also ends a line, as for the HTTP client.
    private void ReadByte(byte next)
    {
        if (_position < StatusEnd && _position++ >= StatusStart)
            _status = (_status * 10) + (next - '0');
        if (next == '\r')
            return;
        if (next != '\n')
            _lineLength++;
        else if (_lineLength > 0)
            _lineLength = 0;
        else
            EndHead();
    }

    private void EndHead()
    {
        IsUpgraded = _status == SwitchingProtocols;

        // Interim responses precede the final one.
        IsRefused = _status is < 100 or > 199;
        _position = 0;
        _status = 0;
    }
}

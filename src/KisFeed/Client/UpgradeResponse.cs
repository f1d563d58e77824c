namespace KisFeed;

/// <summary>
/// Finds, however the bytes are split, where the head of the HTTP response ends that opens a WebSocket, and whether it does open one. A mutable struct: keep
/// it in a field, do not copy it.
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

    /// <summary>Whether the server answered otherwise, so that no frames will ever follow.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Takes the next bytes of the connection.</summary>
    /// <returns>How many of them belong to the head; the rest, if any, follows it.</returns>
    public int Take(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (IsUpgraded || IsRefused)
                return i;
            TakeByte(bytes[i]);
        }

        return bytes.Length;
    }

    // A bare line feed ends a line as well, as it does for the HTTP client.
    private void TakeByte(byte next)
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

        // Interim responses precede the one that counts.
        IsRefused = _status is < 100 or > 199;
        _position = 0;
        _status = 0;
    }
}

namespace KisFeed.Server;

/// <summary>
/// Gathers frames that go to many, each once and with the header that it has on the wire, which for a server is the same to everybody. One thread at a time.
/// </summary>
internal sealed class BroadcastBuffer
{
    private const int FirstCapacity = 4 * 1024;
    private const int MostKept = 256 * 1024;

    private byte[] _bytes = new byte[FirstCapacity];

    /// <summary>Bytes that have gathered: where the next frame begins.</summary>
    public int Length { get; private set; }

    /// <summary>Adds a text message, which stands from the present <see cref="Length"/> up to the next.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        var room = Length + ServerFrame.MaxHeaderLength + text.Length;
        if (room > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(room, _bytes.Length * 2));
        Length += ServerFrame.WriteTextHeader(_bytes.AsSpan(Length), text.Length);
        text.CopyTo(_bytes.AsSpan(Length));
        Length += text.Length;
    }

    /// <summary>Takes what has gathered, for whoever wants to keep it.</summary>
    public byte[] Take()
    {
        var taken = _bytes.AsSpan(0, Length).ToArray();
        Length = 0;
        if (_bytes.Length > MostKept)
            _bytes = new byte[FirstCapacity];
        return taken;
    }
}

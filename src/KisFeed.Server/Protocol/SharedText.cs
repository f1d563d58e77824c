namespace KisFeed.Server;

/// <summary>A text message for many clients: one copy of it, with the header that it has on the wire, however many it waits for. Immutable.</summary>
internal sealed class SharedText
{
    private readonly byte[] _frame;
    private readonly int _headerLength;

    public SharedText(ReadOnlySpan<byte> text)
    {
        Span<byte> header = stackalloc byte[ServerFrame.MaxHeaderLength];
        _headerLength = ServerFrame.WriteTextHeader(header, text.Length);
        _frame = new byte[_headerLength + text.Length];
        header[.._headerLength].CopyTo(_frame);
        text.CopyTo(_frame.AsSpan(_headerLength));
    }

    /// <summary>The message.</summary>
    public ReadOnlySpan<byte> Text => _frame.AsSpan(_headerLength);

    /// <summary>The whole WebSocket frame.</summary>
    public ReadOnlyMemory<byte> Frame => _frame;
}

using System.IO.Compression;
using System.Text;

namespace KisFeed.Cli.Decoding;

/// <summary>Opens an input as UTF-8, whatever it begins with: gzip, or UTF-16 with or without a byte order mark. Other input is passed on as it is.</summary>
internal static class InputText
{
    private const int BeginningLength = 4;

    /// <summary>Opens the text. The input stays open.</summary>
    public static async ValueTask<Stream> OpenAsync(Stream input, CancellationToken cancellationToken)
    {
        var plain = await PeekedStream.ReadAsync(input, BeginningLength, cancellationToken);
        if (plain.Beginning.Span is [0x1f, 0x8b, ..])
            plain = await PeekedStream.ReadAsync(new GZipStream(plain, CompressionMode.Decompress), BeginningLength, cancellationToken);
        return Utf16Of(plain.Beginning.Span) is { } encoding ? Encoding.CreateTranscodingStream(plain, encoding, Encoding.UTF8) : plain;
    }

    // Every line begins with an ASCII character, and no text in UTF-8 has a NUL among the first four.
    private static UnicodeEncoding? Utf16Of(ReadOnlySpan<byte> beginning) => beginning switch
    {
        [0xff, 0xfe, ..] or [not 0, 0, not 0, 0] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true),
        [0xfe, 0xff, ..] or [0, not 0, 0, not 0] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true),
        _ => null,
    };
}

/// <summary>A stream whose beginning has been looked at.</summary>
internal sealed class PeekedStream : Stream
{
    private readonly Stream _inner;
    private int _position;

    private PeekedStream(Stream inner, ReadOnlyMemory<byte> beginning)
    {
        _inner = inner;
        Beginning = beginning;
    }

    /// <summary>The first bytes; fewer than asked for if the stream is shorter.</summary>
    public ReadOnlyMemory<byte> Beginning { get; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads the beginning of a stream. A read from a terminal cannot be cancelled, so it is abandoned.</summary>
    public static async Task<PeekedStream> ReadAsync(Stream inner, int length, CancellationToken cancellationToken)
    {
        var beginning = new byte[length];
        var read = await inner.ReadAtLeastAsync(beginning, length, throwOnEndOfStream: false, cancellationToken).AsTask().WaitAsync(cancellationToken);
        return new PeekedStream(inner, beginning.AsMemory(0, read));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        TakeBeginning(buffer.Span) is var taken and > 0 ? taken : await _inner.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => TakeBeginning(buffer.AsSpan(offset, count)) is var taken and > 0 ? taken : _inner.Read(buffer, offset, count);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int TakeBeginning(Span<byte> buffer)
    {
        var rest = Beginning.Span[_position..];
        var length = Math.Min(rest.Length, buffer.Length);
        rest[..length].CopyTo(buffer);
        _position += length;
        return length;
    }
}

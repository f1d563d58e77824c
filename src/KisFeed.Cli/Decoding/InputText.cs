using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;

namespace KisFeed.Cli.Decoding;

/// <summary>
/// Opens an input as UTF-8, whatever it begins with: gzip, or UTF-16 with or without a byte order mark. Other input is passed on as it is.
/// </summary>
internal static class InputText
{
    private const int BeginningLength = 4;

    /// <summary>Opens the text. The input stays open.</summary>
    public static async ValueTask<Stream> OpenAsync(Stream input, CancellationToken cancellationToken)
    {
        var (plain, beginning) = await PeekAsync(input, cancellationToken);
        if (beginning is [0x1f, 0x8b, ..])
            (plain, beginning) = await PeekAsync(new GZipStream(plain, CompressionMode.Decompress), cancellationToken);
        return Utf16Of(beginning) is { } encoding ? Encoding.CreateTranscodingStream(plain, encoding, Encoding.UTF8) : plain;
    }

    // A read from a terminal cannot be cancelled, so it is abandoned.
    private static async Task<(Stream Text, byte[] Beginning)> PeekAsync(Stream input, CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(input, new StreamPipeReaderOptions(leaveOpen: true));
        var read = await reader.ReadAtLeastAsync(BeginningLength, cancellationToken).AsTask().WaitAsync(cancellationToken);
        var beginning = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, BeginningLength)).ToArray();
        reader.AdvanceTo(read.Buffer.Start);
        return (reader.AsStream(), beginning);
    }

    // Every line begins with an ASCII character, and no text in UTF-8 has a NUL among the first four.
    private static UnicodeEncoding? Utf16Of(ReadOnlySpan<byte> beginning) => beginning switch
    {
        [0xff, 0xfe, ..] or [not 0, 0, not 0, 0] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true),
        [0xfe, 0xff, ..] or [0, not 0, 0, not 0] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true),
        _ => null,
    };
}

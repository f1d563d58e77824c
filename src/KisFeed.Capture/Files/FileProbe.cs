using KisFeed.Output;
using System.IO.Compression;

namespace KisFeed.Capture.Files;

/// <summary>Reads the beginning and the end of a file to determine its format, feed and first time.</summary>
internal static class FileProbe
{
    private const int BeginningLength = BlockHeader.MaxBlockLength;

    /// <summary>Returns the description of a file. For an unreadable one it is empty; reading the file reports the reason.</summary>
    /// <exception cref="CaptureException">The file is a pipe.</exception>
    public static CaptureFile Read(string path)
    {
        try
        {
            // Named pipes have no length either; opening one would wait for its writer.
            if (new FileInfo(path).Length == 0)
                return new CaptureFile(path, CaptureFileFormat.Text, 0) { IsEmpty = true };
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.GetLength(file);
            var buffer = new byte[BeginningLength];
            var beginning = buffer.AsSpan(0, RandomAccess.Read(file, buffer, 0));
            var form = FormatDetector.Of(beginning);
            var (trId, firstAt) = ReadFirstLine(FirstText(form, beginning));
            return new CaptureFile(path, form, length)
            {
                TrId = trId,
                FirstAt = firstAt,
                IsClosed = form != CaptureFileFormat.Blocks || EndsWithMarker(file, length),
            };
        }
        catch (NotSupportedException e)
        {
            throw new CaptureException($"{path} is a pipe, but captures are read more than once: write it to a file first", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new CaptureFile(path, CaptureFileFormat.Text, 0);
        }
    }

    private static ReadOnlyMemory<byte> FirstText(CaptureFileFormat form, Span<byte> beginning)
    {
        switch (form)
        {
            case CaptureFileFormat.Blocks:
                using (var unpacker = new BlockUnpacker())
                {
                    return BlockHeader.TryRead(beginning, out var length) && length <= beginning.Length
                        ? unpacker.Unpack(beginning[..length])
                        : default;
                }

            case CaptureFileFormat.Gzip:
                try
                {
                    using var gzip = new GZipStream(new MemoryStream(beginning.ToArray()), CompressionMode.Decompress);
                    var text = new byte[BeginningLength];
                    return text.AsMemory(0, gzip.ReadAtLeast(text, text.Length, throwOnEndOfStream: false));
                }
                catch (InvalidDataException)
                {
                    return default;
                }

            default:
                return beginning.ToArray();
        }
    }

    private static (string? TrId, DateTimeOffset? FirstAt) ReadFirstLine(ReadOnlyMemory<byte> text)
    {
        var end = text.Span.IndexOf((byte)'\n');
        if (!CaptureLine.TryRead(end < 0 ? text : text[..end], out var line))
            return (null, null);
        return (line.Event is { Kind: CaptureEventKind.Capture, TrId: var trId } ? trId : null, line.At);
    }

    private static bool EndsWithMarker(Microsoft.Win32.SafeHandles.SafeFileHandle file, long length)
    {
        Span<byte> end = stackalloc byte[BlockHeader.EndMarker.Length];
        return length >= end.Length
            && RandomAccess.Read(file, end, length - end.Length) == end.Length
            && end.SequenceEqual(BlockHeader.EndMarker);
    }
}

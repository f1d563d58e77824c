using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Capture;

namespace KisFeed.Benchmarks.Capture;

/// <summary>The same frames with their times in a plain file, a gzip file and a capture.</summary>
internal sealed class CaptureFiles(string folder, byte[][] frames)
{
    /// <summary>The figure of the memory that was allocated for each frame.</summary>
    public const string Allocated = "allocated";

    private const int BufferBytes = 64 * 1024;
    private const int TimeLength = 28;

    private static readonly DateTimeOffset s_first = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    private readonly string _plain = Path.Combine(folder, "plain.log");
    private readonly string _zipped = Path.Combine(folder, "zipped.log.gz");

    /// <summary>The folder of the capture.</summary>
    public string Capture { get; } = Path.Combine(folder, "capture");

    public IReadOnlyList<Figure> WritePlain() => Written(() =>
    {
        using var stream = new FileStream(_plain, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes);
        WriteLines(stream);
        return stream.Position;
    });

    public IReadOnlyList<Figure> WriteZipped() => Written(() =>
    {
        using var file = new FileStream(_zipped, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes);
        using (var zip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
        using (var buffer = new BufferedStream(zip, BufferBytes))
            WriteLines(buffer);
        return file.Position;
    });

    public IReadOnlyList<Figure> WriteCapture() => WriteCapture(new CaptureWriterOptions { Directory = Capture });

    public IReadOnlyList<Figure> WriteCaptureFast() =>
        WriteCapture(new CaptureWriterOptions
        {
            Directory = Path.Combine(folder, "fast"),
            Compression = CompressionLevel.Fastest,
            FlushToDisk = false,
        });

    public IReadOnlyList<Figure> ReadPlain() => Read(() =>
    {
        using var stream = new FileStream(_plain, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
        return CountLines(stream);
    });

    public IReadOnlyList<Figure> ReadZipped() => Read(() =>
    {
        using var file = new FileStream(_zipped, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
        using var zip = new GZipStream(file, CompressionMode.Decompress);
        return CountLines(zip);
    });

    public async Task<IReadOnlyList<Figure>> ReadCaptureAsync(CancellationToken cancellationToken)
    {
        var (startedAt, allocated) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes(precise: true));
        var count = 0;
        await foreach (var _ in CaptureReader.Open(Capture, new CaptureReaderOptions { ReusesBuffers = true })
            .ReadFramesAsync(cancellationToken))
        {
            count++;
        }
        return Rate(startedAt, allocated, count);
    }

    private Figure[] WriteCapture(CaptureWriterOptions options)
    {
        if (Directory.Exists(options.Directory))
            Directory.Delete(options.Directory, recursive: true);
        return Written(() =>
        {
            using var writer = new CaptureWriter(options);
            for (var i = 0; i < frames.Length; i++)
            {
                writer.Write(SimulatedFrames.TrId, frames[i], TimeOf(i));
                if (writer.IsFull)
                    writer.Flush();
            }

            writer.Flush();
            var bytes = writer.FlushedBytes;
            writer.Close();
            return bytes;
        });
    }

    private void WriteLines(Stream stream)
    {
        Span<byte> time = stackalloc byte[TimeLength];
        for (var i = 0; i < frames.Length; i++)
        {
            _ = TimeOf(i).UtcDateTime.TryFormat(time, out _, "O", CultureInfo.InvariantCulture);
            stream.Write(time);
            stream.Write(" "u8);
            stream.Write(frames[i]);
            stream.Write("\n"u8);
        }
    }

    private static int CountLines(Stream stream)
    {
        var buffer = new byte[BufferBytes];
        var count = 0;
        while (stream.Read(buffer) is > 0 and var length)
            count += buffer.AsSpan(0, length).Count((byte)'\n');
        return count;
    }

    private Figure[] Written(Func<long> write)
    {
        var (startedAt, allocated) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes(precise: true));
        var bytes = write();
        return [.. Rate(startedAt, allocated, frames.Length), new Figure("bytes a frame", "", (double)bytes / frames.Length)];
    }

    private Figure[] Read(Func<int> read)
    {
        var (startedAt, allocated) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes(precise: true));
        return Rate(startedAt, allocated, read());
    }

    private Figure[] Rate(long startedAt, long allocated, int count)
    {
        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        return count == frames.Length
            ? [new("frames a second", "", count / seconds), new(
                Allocated, "bytes/frame", (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)count)]
            : throw new InvalidOperationException($"{count} of {frames.Length} frames were read");
    }

    private static DateTimeOffset TimeOf(int frame) => s_first + TimeSpan.FromMicroseconds(frame * 10L);
}

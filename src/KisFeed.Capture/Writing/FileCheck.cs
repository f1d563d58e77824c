using System.Security.Cryptography;
using KisFeed.Capture.Files;
using KisFeed.Output;

namespace KisFeed.Capture.Writing;

/// <summary>Reads a file of blocks completely to determine how much of it is intact, and its content.</summary>
internal sealed class FileCheck : IDisposable
{
    private readonly LineSplitter _lines = new(CaptureReaderOptions.Default.MaxLineBytes, copies: true);
    private IncrementalHash? _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private FileCheck(string path) => Path = path;

    public string Path { get; }

    /// <summary>The length of the intact part, up to its last complete line.</summary>
    public long SoundLength { get; private set; }

    public long Length { get; private set; }

    /// <summary>Whether intact data follows damaged data, so that more than the end is damaged.</summary>
    public bool IsDamaged { get; private set; }

    public bool IsClosed { get; private set; }

    public FileSummary Summary { get; } = new();

    /// <summary>The SHA-256 checksum of the intact part, in hexadecimal.</summary>
    public string Checksum => Convert.ToHexStringLower(_hash!.GetCurrentHash());

    /// <summary>Reads a file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static FileCheck Run(string path)
    {
        var check = new FileCheck(path);
        check.Run();
        return check;
    }

    /// <summary>Transfers the hash of the intact part to the caller, who continues and disposes it.</summary>
    public IncrementalHash DetachHash()
    {
        var hash = _hash!;
        _hash = null;
        return hash;
    }

    public void Dispose() => _hash?.Dispose();

    private void Run()
    {
        using var window = new FileWindow(Path);
        using var unpacker = new BlockUnpacker();
        using var pending = new MemoryStream();
        var isTorn = false;
        byte[] buffer = [];
        while (true)
        {
            window.Fill();
            var step = unpacker.Next(window.Bytes, ref buffer);
            if (step.IsEnd)
                break;
            isTorn |= step.Text is null;
            IsDamaged |= isTorn && step.Text is not null;
            if (step.Text is { } text && !IsDamaged)
            {
                // A line may span blocks, which count only once the line is complete.
                pending.Write(window.Bytes[..step.Length]);
                AddText(text);

                // No writer creates such a line, and no reader accepts it.
                IsDamaged |= _lines.IsTooLong;
                if (!_lines.HasPartialLine)
                    Commit(pending, window.Position + step.Length);
                IsClosed = text.IsEmpty;
            }

            window.Skip(step.Length);
        }

        Length = window.Position;
        IsClosed &= SoundLength == Length;
    }

    private void Commit(MemoryStream pending, long position)
    {
        _hash!.AppendData(pending.GetBuffer().AsSpan(0, (int)pending.Length));
        pending.SetLength(0);
        SoundLength = position;
    }

    private void AddText(ReadOnlyMemory<byte> text)
    {
        _lines.Add(text);
        while (_lines.TryReadLine(out var line))
        {
            if (!CaptureLine.TryRead(line, out var read))
                continue;
            if (read.Event is { } captureEvent)
                Summary.Event(captureEvent);
            else
                Summary.Frame(read.At);
        }
    }
}

using System.Security.Cryptography;

namespace KisFeed.Capture;

/// <summary>Reads a whole file of blocks to find out how much of it is sound, and what that holds.</summary>
internal sealed class FileCheck : IDisposable
{
    private readonly LineSplitter _lines = new(CaptureReaderOptions.Default.MaxLineBytes);
    private IncrementalHash? _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private FileCheck(string path) => Path = path;

    public string Path { get; }

    /// <summary>Up to where the file is sound and its last line whole.</summary>
    public long SoundLength { get; private set; }

    /// <summary>The length of the file.</summary>
    public long Length { get; private set; }

    /// <summary>Whether there is something sound behind something that is not: then it is not just its end that is torn.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Whether it was closed in order.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>What it holds.</summary>
    public FileSummary Summary { get; } = new();

    /// <summary>The checksum of the sound part, SHA-256, in hexadecimal.</summary>
    public string Checksum => Convert.ToHexStringLower(_hash!.GetCurrentHash());

    /// <summary>Reads a file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static FileCheck Run(string path)
    {
        var check = new FileCheck(path);
        check.Run();
        return check;
    }

    /// <summary>The checksum of the sound part, for the caller to go on with.</summary>
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
        while (true)
        {
            window.Fill();
            var step = BlockStep.Next(window.Bytes);
            if (step.Kind == BlockStepKind.End)
                break;
            var block = window.Bytes[..step.Length];
            var text = step.Kind == BlockStepKind.Block ? unpacker.Unpack(block) : null;
            if (text is null)
            {
                isTorn = true;
                window.Skip(step.Kind == BlockStepKind.Block ? BlockStep.Garbage(window.Bytes).Length : step.Length);
                continue;
            }

            // A line may span blocks: those before its end count only when it has come.
            IsDamaged |= isTorn;
            if (!IsDamaged)
            {
                pending.Write(block);
                AddText(text);

                // No writer makes such a line, and no reader takes it.
                IsDamaged |= _lines.IsTooLong;
                if (!_lines.HasPartialLine)
                    Commit(pending, window.Position + step.Length);
                IsClosed = text.Length == 0;
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

    private void AddText(byte[] text)
    {
        _lines.Add(text);
        while (_lines.TryReadLine(out var line))
        {
            if (CaptureText.TryReadTime(line.Span, out var at))
                Summary.Frame(at);
            else if (line.Span is [(byte)'#', ..] && EventLine.TryRead(line, out var captureEvent, out var frame, out at))
                AddToSummary(captureEvent, frame, at);
        }
    }

    private void AddToSummary(CaptureEvent? captureEvent, byte[]? frame, DateTimeOffset at)
    {
        if (frame is not null)
            Summary.Frame(at);
        else
            Summary.Event(captureEvent!);
    }
}

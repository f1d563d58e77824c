using System.Buffers;
using KisFeed.Output;

namespace KisFeed.Capture.Writing;

/// <summary>The sequence of files of one feed.</summary>
internal sealed class Series(CaptureWriterOptions options, string trId) : IDisposable
{
    // The lines of a frame and of its day are longer than the frame by less than this, unless the frame is written as an event.
    private const int MaxLineOverhead = 256;

    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly SortedSet<string> _registered = new(StringComparer.Ordinal);
    private readonly Queue<SeriesFile> _finished = new();
    private SeriesFile? _current;
    private bool _hasStarted;

    /// <summary>The day of the current file; <see langword="null"/> before the first line.</summary>
    public DateOnly? Day => _current?.Day;

    /// <summary>Buffered bytes that are not in a file yet.</summary>
    public long BufferedLength
    {
        get
        {
            var length = _current?.BufferedLength ?? 0;
            foreach (var file in _finished)
                length += file.BufferedLength;
            return length;
        }
    }

    public long WrittenFrames { get; private set; }

    public long WrittenBytes { get; private set; }

    /// <summary>Files that were created or continued.</summary>
    public int Files { get; private set; }

    /// <summary>Files that were removed or replaced while they were being written.</summary>
    public int LostFiles { get; private set; }

    public IEnumerable<string> OpenPaths => _finished.Append(_current).Select(file => file?.Path).OfType<string>();

    public void AddFrame(ReadOnlySpan<byte> frame, DateTimeOffset at, DateOnly day, DateOnly? statedDay)
    {
        var file = FileFor(at, day);
        _line.ResetWrittenCount();
        if (file.MustState(statedDay, frame.Length + MaxLineOverhead))
            CaptureLine.Write(_line, new CaptureEvent { Kind = CaptureEventKind.Day, At = at, TrId = trId, Day = statedDay });
        CaptureLine.Write(_line, trId, frame, at);
        file.AddFrame(_line.WrittenSpan, at, statedDay);
    }

    public void AddEvent(CaptureEvent captureEvent, DateOnly day)
    {
        var file = FileFor(captureEvent.At, day);
        if (captureEvent is { Kind: CaptureEventKind.Registered, Key: { } registered })
            _registered.Add(registered);
        else if (captureEvent is { Kind: CaptureEventKind.Released or CaptureEventKind.Refused, Key: { } released })
            _registered.Remove(released);
        AddEvent(file, captureEvent);
    }

    /// <summary>Writes the buffered data to the files.</summary>
    /// <exception cref="IOException">The write failed; the data stays buffered.</exception>
    public void Flush(Action<SeriesFile> onWritten)
    {
        while (_finished.TryPeek(out var finished))
        {
            Flush(finished, close: true, onWritten);
            _finished.Dequeue().Dispose();
        }

        if (_current is { } current)
            Flush(current, close: false, onWritten);
    }

    /// <summary>Flushes and closes the files.</summary>
    /// <exception cref="IOException">The write failed; the data stays buffered.</exception>
    public void Close(Action<SeriesFile> onWritten)
    {
        if (_current is { } current)
            _finished.Enqueue(current);
        _current = null;
        Flush(onWritten);
    }

    /// <summary>
    /// Marks all files to be compared with their written content before the next write: another recorder may have used the folder.
    /// </summary>
    public void MarkSuspect()
    {
        foreach (var file in _finished)
            file.IsSuspect = true;
        if (_current is { } current)
            current.IsSuspect = true;
    }

    public void Dispose()
    {
        foreach (var file in _finished)
            file.Dispose();
        _current?.Dispose();
    }

    private void Flush(SeriesFile file, bool close, Action<SeriesFile> onWritten)
    {
        var (frames, bytes) = (file.WrittenFrames, file.WrittenBytes);
        if (file.IsLost)
            ContinueInNewFile(file, "the previous file was removed while it was being written", isLost: true);
        else if (file.HasReachedLimit)
            ContinueInNewFile(file, "the previous file reached the file size limit", isLost: false);
        else if (file is { IsSuspect: true, Path: not null })
            Check(file);
        file.IsSuspect = false;

        var isNew = file.Path is null;
        try
        {
            if (close)
                file.Close();
            else
                file.Flush();
        }
        finally
        {
            WrittenFrames += file.WrittenFrames - frames;
            WrittenBytes += file.WrittenBytes - bytes;
            Files += isNew && file.Path is not null ? 1 : 0;
        }

        if (file.Path is not null)
            onWritten(file);
    }

    private void Check(SeriesFile file)
    {
        switch (file.Check())
        {
            case FileState.Continued:
                ContinueInNewFile(file, "another recorder closed the previous file", isLost: false);
                break;
            case FileState.Lost:
                ContinueInNewFile(file, "the folder of the previous file was replaced", isLost: true);
                break;
        }
    }

    private void ContinueInNewFile(SeriesFile file, string why, bool isLost)
    {
        var head = Head(file.Summary.LastAt!.Value, why) with { IsStart = isLost };
        _line.ResetWrittenCount();
        CaptureLine.Write(_line, head);
        file.StartNewFile(_line.WrittenSpan, head);
        LostFiles += isLost ? 1 : 0;
    }

    private SeriesFile FileFor(DateTimeOffset at, DateOnly day)
    {
        if (_current is { } current && current.Day == day && current.Length + current.BufferedLength < options.MaxFileBytes)
            return current;

        // A file that was full before compression has room again, but is not continued.
        var next = new SeriesFile(options, trId, options.IsPrivate(trId), day, canContinue: _current?.Day != day);
        AddEvent(next, Head(at, null) with { IsStart = !_hasStarted });
        if (_current is { } full)
            _finished.Enqueue(full);
        _current = next;
        _hasStarted = true;
        return next;
    }

    private CaptureEvent Head(DateTimeOffset at, string? text) =>
        new() { Kind = CaptureEventKind.Capture, At = at, TrId = trId, Keys = [.. _registered], Text = text };

    private void AddEvent(SeriesFile file, CaptureEvent captureEvent)
    {
        _line.ResetWrittenCount();
        CaptureLine.Write(_line, captureEvent);
        file.AddEvent(_line.WrittenSpan, captureEvent);
    }
}

using System.Globalization;
using KisFeed.Capture.Files;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Capture.Reading;

/// <summary>Reads one file item by item. Opens it at the first read and closes it at the end.</summary>
internal sealed class FileCursor(CaptureFile file, CaptureReaderOptions options) : IDisposable
{
    // If none of so many lines is valid, the file is not a capture.
    private const int ForeignLines = 100;

    private readonly byte[][] _trIds = [.. options.TrIds.Select(System.Text.Encoding.ASCII.GetBytes)];
    private readonly LineSplitter _lines = new(options.MaxLineBytes, options.ReusesBuffers);
    private readonly StatedDays _days = new();
    private ITextSource? _source;
    private CaptureItem _current;
    private DateTimeOffset _at = file.FirstAt ?? DateTimeOffset.MinValue;
    private long _line;
    private long _malformed;
    private bool _isEnding;
    private bool _hasEnded;

    public CaptureFile File => file;

    public CaptureItem Current => _current;

    /// <summary>The position in the file, in bytes.</summary>
    public long Position => _hasEnded ? file.Length : _source?.Position ?? 0;

    /// <summary>Moves to the next item if it is buffered; <see langword="false"/> if a read is necessary, or at the end.</summary>
    public bool TryMoveNext()
    {
        while (!_isEnding && _lines.TryReadLine(out var line))
        {
            _line++;
            if (TryRead(line))
                return true;
        }

        return false;
    }

    /// <summary>Moves to the next item; <see langword="false"/> after the last.</summary>
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        while (!_isEnding)
        {
            if (TryMoveNext())
                return true;
            if (file.IsEmpty)
                return End(CaptureProblemKind.NotACapture, "is empty");
            if (_lines.IsTooLong)
            {
                return End(
                    CaptureProblemKind.LineTooLong,
                    $"has a line of more than {options.MaxLineBytes:N0} bytes, {Ordinal(_line + 1)}; the rest of the file is not read");
            }

            var chunk = await ReadAsync(cancellationToken).ConfigureAwait(false);
            if (chunk.Problem is { } problem)
            {
                if (problem.Kind == CaptureProblemKind.TornTail && IsBeingWritten())
                    break;
                _lines.DiscardPartialLine();
                _lines.Add(chunk.Text);
                _isEnding = problem.Kind == CaptureProblemKind.Unreadable;
                Set(problem);
                return true;
            }

            if (chunk.IsEnd)
                return EndOfFile();
            _lines.Add(chunk.Text);
        }

        Close();
        return false;
    }

    public void Dispose() => _source?.Dispose();

    private async ValueTask<TextChunk> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            _source ??= await OpenAsync(cancellationToken).ConfigureAwait(false);
            return await _source.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new TextChunk(
                default,
                new CaptureProblem(CaptureProblemKind.Unreadable, $"{file.Path} cannot be read: {e.Message}") { Path = file.Path });
        }
    }

    private async ValueTask<ITextSource> OpenAsync(CancellationToken cancellationToken)
    {
        var archived = file.Archived;
        if (archived is null)
        {
            try
            {
                return OpenFile();
            }
            catch (Exception e) when (file.Archive is not null && e is FileNotFoundException or DirectoryNotFoundException)
            {
                // Retention has deleted it since the folder was searched.
                archived = await FindAsync(file.Archive, cancellationToken).ConfigureAwait(false);
                if (archived is null)
                    throw;
            }
        }

        return new ArchiveSource(file.Archive!, archived, options.Seeks ? options.From?.Instant : null, options.ReusesBuffers);
    }

    private async Task<ArchivedFile?> FindAsync(ICaptureArchive archive, CancellationToken cancellationToken)
    {
        if (DatedFile.At(file.Path) is not { } dated)
            return null;
        var found = await archive.FindAsync([dated.Feed], dated.Day, dated.Day, cancellationToken).ConfigureAwait(false);
        return found.FirstOrDefault(candidate => candidate.Name == dated.Name);
    }

    private ITextSource OpenFile() => file.Format switch
    {
        CaptureFileFormat.Blocks => new BlockSource(
            file.Path,
            options.Seeks && options.From?.Instant is { } from && from > file.FirstAt ? BlockSeek.Find(file.Path, from) : 0,
            options.ReusesBuffers),
        CaptureFileFormat.Gzip => new GzipSource(file.Path),
        _ => new StreamSource(file.Path),
    };

    private bool EndOfFile()
    {
        if (_lines.HasPartialLine && IsBeingWritten())
        {
            Close();
            return false;
        }

        if (_lines.HasPartialLine)
            return End(CaptureProblemKind.TornTail, "does not end with a line break: its last line may be cut off and is skipped");
        Close();
        return false;
    }

    // An incomplete write of a running recorder is not a problem. After a recorder was killed, the next start cuts it off.
    private bool IsBeingWritten() =>
        file.Format == CaptureFileFormat.Blocks && _source is not ArchiveSource && (DirectoryLock.IsHeldOver(file.Path) || HasGrown());

    // True if its recorder ended in the meantime.
    private bool HasGrown() => new FileInfo(file.Path) is { Exists: true } now && now.Length > Position;

    private bool End(CaptureProblemKind kind, string what)
    {
        _isEnding = true;
        Set(new CaptureProblem(kind, $"{file.Path} {what}") { Path = file.Path, Line = _line + 1 });
        return true;
    }

    private void Close()
    {
        _isEnding = _hasEnded = true;
        _source?.Dispose();
    }

    // Returns whether the line gives an item. Lines outside the selection do not.
    private bool TryRead(ReadOnlyMemory<byte> line)
    {
        if (!CaptureLine.TryRead(line, out var read))
            return Malformed();
        _at = read.At;
        return read.Event is { } captureEvent ? TrySet(captureEvent) : TrySet(read.At, read.Frame);
    }

    private bool TrySet(DateTimeOffset at, ReadOnlyMemory<byte> frame)
    {
        if (!IsInRange(at) || !MatchesFeed(frame.Span))
            return false;
        _current = new CaptureItem(file, _days.On(new Frame(frame, at)));
        return true;
    }

    private bool TrySet(CaptureEvent captureEvent)
    {
        if (_days.TryRead(captureEvent)
            || !IsInRange(captureEvent.At)
            || (captureEvent.TrId is { } trId && options.TrIds.Count > 0 && !options.TrIds.Contains(trId, StringComparer.Ordinal)))
        {
            return false;
        }
        _current = new CaptureItem(file, captureEvent);
        return true;
    }

    private void Set(CaptureProblem problem) => _current = new CaptureItem(file, problem, _at);

    private bool Malformed()
    {
        _malformed++;
        if (_malformed == _line && _line >= ForeignLines)
        {
            return End(
                CaptureProblemKind.NotACapture,
                $"is not a capture: none of its first {ForeignLines} lines is a frame with its time or an event");
        }
        Set(new CaptureProblem(CaptureProblemKind.MalformedLine, $"line {_line.ToString(CultureInfo.InvariantCulture)} of {file.Path} is "
            + "neither a frame with its time nor an event")
        { Path = file.Path, Line = _line });
        return true;
    }

    private bool IsInRange(DateTimeOffset at) => options.From?.IsAfter(at) != true && options.To?.IsAfter(at) != false;

    private bool MatchesFeed(ReadOnlySpan<byte> frame)
    {
        if (_trIds.Length == 0)
            return true;
        // An unreadable frame counts as one of the file's feed.
        if (!DataFrame.TryParse(frame, out var parsed, out _))
            return true;
        foreach (var trId in _trIds)
        {
            if (parsed.TrId.SequenceEqual(trId))
                return true;
        }

        return false;
    }

    private static string Ordinal(long number) => $"line {number.ToString(CultureInfo.InvariantCulture)}";
}

using System.Globalization;
using KisFeed.Capture.Files;
using KisFeed.Output;

namespace KisFeed.Capture.Following;

/// <summary>
/// Reads the new blocks of files that may be growing. An incomplete write at the end of a file is left for the next read; it is a problem
/// only if the feed has a later file, because then nothing will complete it. Nothing is kept between two reads of a file: the next recorder
/// may cut off everything after the last complete line, and write something else there.
/// </summary>
internal sealed class GrowingFileReader(int maxLineBytes) : IDisposable
{
    private const int MaxBytes = 16 << 20;

    private readonly byte[] _buffer = FileWindow.NewBuffer();
    private readonly BlockUnpacker _unpacker = new();
    private readonly List<FollowedItem> _items = [];
    private readonly List<byte[]> _texts = []; // Of the blocks of one read, used again by the next.

    /// <summary>Reads items from the file's position, which it moves.</summary>
    /// <param name="file">The file.</param>
    /// <param name="maxText">The length of text after which to end, at the next boundary of a block where no line is open.</param>
    /// <returns>The items, valid until the next read; <see langword="null"/> if there is nothing to read yet.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be read.</exception>
    public FollowedBatch? Read(FollowedFile file, int maxText)
    {
        var from = file.Position;
        var isRestarted = !file.IsIdentified && !TryIdentify(file);
        isRestarted |= file.Length < file.Position;
        if (isRestarted)
            file.Position = 0;
        _items.Clear();
        var pass = new Pass(file, maxLineBytes, _items);
        using (var window = new FileWindow(file.Path, file.Position, _buffer))
            Read(window, pass, maxText);

        if (pass.Safe == from && !isRestarted)
        {
            file.StalledAt = file.Length;
            return null;
        }

        file.Position = pass.Safe;
        file.Length = Math.Max(file.Length, pass.Safe); // It may have grown since the search.
        file.IsClosed = pass.IsClosed;
        return new FollowedBatch
        {
            Feed = file.Feed,
            Day = file.Day,
            File = file.Name,
            FirstAt = file.FirstAt,
            From = from,
            To = pass.Safe,
            IsClosed = pass.IsClosed,
            IsRestarted = isRestarted,
            Items = pass.SafeItems(),
            TextLength = pass.TextLength,
            Bytes = BytesOf(file.Path, isRestarted ? 0 : from, pass.Safe),
        };
    }

    // What was read does not change: a recorder cuts off only what is after the last complete line.
    private static ReadOnlyMemory<byte> BytesOf(string path, long from, long to)
    {
        if (to - from is <= 0 or > MaxBytes)
            return default;
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[to - from];
        var length = 0;
        for (int count; length < bytes.Length && (count = RandomAccess.Read(file, bytes.AsSpan(length), from + length)) > 0;)
            length += count;
        return length == bytes.Length ? bytes : default;
    }

    public void Dispose() => _unpacker.Dispose();

    private void Read(FileWindow window, Pass pass, int maxText)
    {
        for (var texts = 0; pass.TextLength < maxText || pass.IsOpen;)
        {
            window.Fill();
            var buffer = texts < _texts.Count ? _texts[texts] : [];
            var step = _unpacker.Next(window.Bytes, ref buffer);
            if (step.IsEnd)
            {
                pass.End(window.Position);
                return;
            }

            if (step.Text is { } text)
            {
                if (texts == _texts.Count)
                    _texts.Add(buffer);
                _texts[texts++] = buffer;
                pass.Add(text, window.Position, window.Position + step.Length);
            }
            else
            {
                pass.Damaged(window.Position);
            }

            window.Skip(step.Length);
        }
    }

    // The position is useless if the file was replaced, or cut off before it. Its records are then read again from its beginning.
    private static bool TryIdentify(FollowedFile file)
    {
        var found = FileProbe.Read(file.Path);
        var isSame = file.FirstAt is not { } first || found.FirstAt == first;
        file.FirstAt = found.FirstAt;
        file.Length = Math.Max(file.Length, found.Length);
        file.IsIdentified = true;
        return isSame && IsBoundary(file.Path, file.Position);
    }

    private static bool IsBoundary(string path, long position)
    {
        if (position == 0)
            return true;
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = RandomAccess.GetLength(file);
        Span<byte> header = stackalloc byte[BlockHeader.Length];
        header = header[..RandomAccess.Read(file, header, position)];

        // A header may be incomplete, and damaged data may begin where a block ended.
        return position <= length
            && (header.Length < BlockHeader.Length || BlockHeader.TryRead(header, out _) || !IsBlockAnywhereNear(path, position));
    }

    // If a block header follows within the length of a block, the position is in the middle of a block.
    private static bool IsBlockAnywhereNear(string path, long position)
    {
        using var window = new FileWindow(path, position);
        window.Fill();
        return BlockStep.GarbageLength(window.Bytes) < Math.Min(window.Bytes.Length, BlockHeader.MaxBlockLength);
    }

    private sealed class Pass(FollowedFile file, int maxLineBytes, List<FollowedItem> items)
    {
        private readonly LineSplitter _lines = new(maxLineBytes);
        private readonly StatedDays _days = new(); // The first frame of a block follows its day.
        private readonly CaptureFile _file =
            new(file.Path, CaptureFileFormat.Blocks, file.Length) { TrId = file.Feed, FirstAt = file.FirstAt };
        private int _safeItems;
        private long _damagedAt = -1;
        private bool _isSkipping; // The rest of a line that is too long.
        private (long Position, int Line) _place;
        private DateTimeOffset _at = file.FirstAt ?? DateTimeOffset.UnixEpoch;

        public long Safe { get; private set; } = file.Position;

        public int TextLength { get; private set; }

        public bool IsClosed { get; private set; }

        public bool IsOpen => _lines.HasPartialLine || _isSkipping;

        public List<FollowedItem> SafeItems()
        {
            items.RemoveRange(_safeItems, items.Count - _safeItems);
            return items;
        }

        public void Damaged(long position) => _damagedAt = _damagedAt < 0 ? position : _damagedAt;

        public void Add(ReadOnlyMemory<byte> text, long position, long end)
        {
            if (_damagedAt >= 0)
            {
                Add(CaptureProblemKind.Corrupt, _damagedAt, string.Create(CultureInfo.InvariantCulture, $"{position - _damagedAt} bytes "
                    + $"from byte {_damagedAt} are not a valid block, and their data is missing"));
                DiscardOpenLine();
                _damagedAt = -1;
            }

            if (!IsOpen)
                _place = (position, 0);
            TextLength += text.Length;
            IsClosed = text.Length == 0;
            _lines.Add(text);
            var line = 0;
            while (_lines.TryReadLine(out var bytes))
            {
                if (!_isSkipping)
                    Add(bytes);
                _isSkipping = false;

                // A line that began in an earlier block has no number in this one.
                line += _place.Position == position ? 1 : 0;
                _place = (position, line);
            }

            if (_lines.IsTooLong)
            {
                if (!_isSkipping)
                {
                    Add(
                        CaptureProblemKind.LineTooLong,
                        _place.Position,
                        string.Create(CultureInfo.InvariantCulture, $"a line of more than {maxLineBytes} bytes is skipped"));
                }
                _lines.DiscardPartialLine();
                _isSkipping = true;
            }

            if (!IsOpen)
                SetSafe(end);
        }

        /// <summary>The file has no more complete blocks.</summary>
        public void End(long position)
        {
            if (!file.IsSuperseded || (_damagedAt < 0 && !IsOpen))
                return;
            var from = _damagedAt >= 0 ? _damagedAt : _place.Position;
            Add(CaptureProblemKind.TornTail, from, string.Create(
                CultureInfo.InvariantCulture, $"the file ends in the middle of a write: its last {position - from} bytes are incomplete"));
            SetSafe(position);
        }

        private void SetSafe(long position)
        {
            Safe = position;
            _safeItems = items.Count;
        }

        private void DiscardOpenLine()
        {
            _lines.DiscardPartialLine();
            _isSkipping = false;
        }

        private void Add(CaptureProblemKind kind, long position, string message, ReadOnlyMemory<byte> text = default)
        {
            var problem = new CaptureProblem(kind, $"{file.Name}: {message}") { Path = file.Path, Offset = position };
            items.Add(new FollowedItem(new CaptureItem(_file, problem, _at), position, _place.Line, text));
        }

        private void Add(ReadOnlyMemory<byte> line)
        {
            if (!CaptureLine.TryRead(line, out var read))
            {
                var where = string.Create(CultureInfo.InvariantCulture, $"line {_place.Line + 1} of the block at byte {_place.Position}");
                Add(CaptureProblemKind.MalformedLine, _place.Position, $"{where} is neither a frame with its time nor an event", line);
                return;
            }

            _at = read.At;
            if (read.Event is { } captureEvent && _days.TryRead(captureEvent))
                return;
            var item = read.Event is { } other
                ? new CaptureItem(_file, other)
                : new CaptureItem(_file, _days.On(new Frame(read.Frame, read.At)));
            items.Add(new FollowedItem(item, _place.Position, _place.Line, default));
        }
    }
}

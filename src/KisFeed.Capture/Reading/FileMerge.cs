namespace KisFeed.Capture.Reading;

/// <summary>
/// Merges files by the times of their items. Items of one file keep their order; for equal times, the file that comes first in the list is
/// first. A file is open only during its own time range, so a year of captures needs no more open files than a day.
/// </summary>
internal sealed class FileMerge : IDisposable
{
    private readonly PriorityQueue<Entry, (long Ticks, int Number)> _waiting = new();
    private readonly List<Entry> _entries = [];

    // The file of the current item; null if the next one must be selected.
    private Entry? _current;

    public FileMerge(IReadOnlyList<CaptureFile> files, CaptureReaderOptions options)
    {
        foreach (var file in files)
        {
            var entry = new Entry(new FileCursor(file, options), _entries.Count);
            _entries.Add(entry);
            _waiting.Enqueue(entry, ((file.FirstAt ?? DateTimeOffset.MinValue).UtcTicks, entry.Number));
        }
    }

    public CaptureItem Current => _current!.Cursor.Current;

    /// <summary>The number of bytes read from all files.</summary>
    public long Position
    {
        get
        {
            var position = 0L;
            foreach (var entry in _entries)
                position += entry.Cursor.Position;
            return position;
        }
    }

    /// <summary>Moves to the next item if it is buffered; <see langword="false"/> if a read is necessary, or at the end.</summary>
    public bool TryMoveNext()
    {
        if (_current is not { } current)
            return TrySelect();
        return current.Cursor.TryMoveNext() && (IsFirst(current) || TrySelect());
    }

    /// <summary>Moves to the next item; <see langword="false"/> after the last.</summary>
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_current is { } current)
            {
                if (!await current.Cursor.MoveNextAsync(cancellationToken).ConfigureAwait(false))
                    _current = null;
                else if (IsFirst(current))
                    return true;
            }

            if (TrySelect())
                return true;
            if (!_waiting.TryDequeue(out _current, out _))
                return false;
        }
    }

    public void Dispose()
    {
        foreach (var entry in _entries)
            entry.Cursor.Dispose();
    }

    // Returns whether the current item of a file is before those of all others; otherwise the file is queued.
    private bool IsFirst(Entry entry)
    {
        var order = (entry.Cursor.Current.At.UtcTicks, entry.Number);
        if (!_waiting.TryPeek(out _, out var first) || order.CompareTo(first) < 0)
            return true;
        entry.HoldsItem = true;
        _waiting.Enqueue(entry, order);
        _current = null;
        return false;
    }

    // Selects the first file of the queue if it has already read an item.
    private bool TrySelect()
    {
        if (!_waiting.TryPeek(out var entry, out _) || !entry.HoldsItem)
            return false;
        _waiting.Dequeue();
        entry.HoldsItem = false;
        _current = entry;
        return true;
    }

    private sealed class Entry(FileCursor cursor, int number)
    {
        public FileCursor Cursor { get; } = cursor;

        public int Number { get; } = number;

        public bool HoldsItem { get; set; }
    }
}

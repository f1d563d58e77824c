namespace KisFeed.Capture;

/// <summary>
/// Goes through files at once, in the order of their items' times; items of one file keep their order, and of files that agree the one named first is first.
/// A file is open only while its time has come: a year of days needs no more than a day.
/// </summary>
internal sealed class FileMerge : IDisposable
{
    private readonly PriorityQueue<Entry, (long Ticks, int Number)> _waiting = new();
    private readonly List<Entry> _entries = [];

    // Whose item is the current one; where there is none, the next is to be picked.
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

    /// <summary>How far in its files it has come, in bytes.</summary>
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

    /// <summary>Goes to the next item where that takes no reading; <see langword="false"/> where it does, or there is none.</summary>
    public bool TryMoveNext()
    {
        if (_current is not { } current)
            return TrySelect();
        return current.Cursor.TryMoveNext() && (IsFirst(current) || TrySelect());
    }

    /// <summary>Goes to the next item; <see langword="false"/> behind the last.</summary>
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

    // Whether the item that a file has come to is before those of all others; else it waits for its time.
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

    // Takes the first of those that wait, where it has come to an item already.
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

namespace KisFeed.Capture;

/// <summary>
/// Goes through files at once, in the order of their items' times; items of one file keep their order, and of files that agree the one named first is first.
/// A file is open only while its time has come: a year of days needs no more than a day.
/// </summary>
internal sealed class FileMerge : IDisposable
{
    private readonly PriorityQueue<Place, (long Ticks, int Number)> _waiting = new();
    private readonly List<Place> _places = [];

    // Whose item is the current one; where there is none, the next is to be picked.
    private Place? _current;

    public FileMerge(IReadOnlyList<CaptureFile> files, CaptureReaderOptions options)
    {
        foreach (var file in files)
        {
            var place = new Place(new FileCursor(file, options), _places.Count);
            _places.Add(place);
            _waiting.Enqueue(place, ((file.FirstAt ?? DateTimeOffset.MinValue).UtcTicks, place.Number));
        }
    }

    public CaptureItem Current => _current!.Cursor.Current;

    /// <summary>How far in its files it has come, in bytes.</summary>
    public long Position
    {
        get
        {
            var position = 0L;
            foreach (var place in _places)
                position += place.Cursor.Position;
            return position;
        }
    }

    /// <summary>Goes to the next item where that takes no reading; <see langword="false"/> where it does, or there is none.</summary>
    public bool TryMoveNext()
    {
        if (_current is not { } current)
            return TryPick();
        return current.Cursor.TryMoveNext() && (IsFirst(current) || TryPick());
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

            if (TryPick())
                return true;
            if (!_waiting.TryDequeue(out _current, out _))
                return false;
        }
    }

    public void Dispose()
    {
        foreach (var place in _places)
            place.Cursor.Dispose();
    }

    // Whether the item that a file has come to is before those of all others; else it waits for its time.
    private bool IsFirst(Place place)
    {
        var order = (place.Cursor.Current.At.UtcTicks, place.Number);
        if (!_waiting.TryPeek(out _, out var first) || order.CompareTo(first) < 0)
            return true;
        place.HoldsItem = true;
        _waiting.Enqueue(place, order);
        _current = null;
        return false;
    }

    // Takes the first of those that wait, where it has come to an item already.
    private bool TryPick()
    {
        if (!_waiting.TryPeek(out var place, out _) || !place.HoldsItem)
            return false;
        _waiting.Dequeue();
        place.HoldsItem = false;
        _current = place;
        return true;
    }

    private sealed class Place(FileCursor cursor, int number)
    {
        public FileCursor Cursor { get; } = cursor;

        public int Number { get; } = number;

        public bool HoldsItem { get; set; }
    }
}

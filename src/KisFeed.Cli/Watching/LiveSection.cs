using KisFeed.Cli.Ticks;
using Spectre.Console;

namespace KisFeed.Cli.Watching;

/// <summary>
/// The rows of the live table with the same columns: one per key, the levels of a single order book, or the last few records if each
/// record matters.
/// </summary>
internal sealed class LiveSection
{
    private const int Events = 3;

    private readonly TickView _view;
    private readonly List<LiveRow> _rows = [];
    private int _keys;

    public LiveSection(TickView view)
    {
        _view = view;
        if (view.IsEventList)
            _rows.AddRange(Enumerable.Repeat<LiveRow>(default, Events));
    }

    public TickView View => IsLadder ? TickViews.Ladder : _view;

    public IReadOnlyList<LiveRow> Rows => _rows;

    /// <summary>Whether the rows are the levels of a single order book.</summary>
    public bool IsLadder => _view.IsBook && _keys == 1;

    /// <summary>The number of rows with offers, and of those with bids after them, if the rows are the levels of a book.</summary>
    public (int Asks, int Bids) Levels { get; private set; }

    /// <summary>Whether it is the section of the records with a view.</summary>
    public bool Holds(TickView view) => _view == view;

    /// <summary>Adds a key and returns the number of its row.</summary>
    public int Add(WatchTarget target, string name)
    {
        _keys++;
        if (!_view.IsEventList)
            _rows.Add(new LiveRow(new Tick(target.Feed.TrId, target.Key, name, "", []), Venues.NameOf(target.Feed), default));
        return _rows.Count - 1;
    }

    /// <summary>Shows a tick in its row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="tick">The tick.</param>
    /// <param name="book">The rows of a single order book, which replace the tick's values; otherwise <see langword="null"/>.</param>
    /// <param name="receivedAt">When the tick was received.</param>
    public void Update(int row, Tick tick, BookRows? book, DateTimeOffset receivedAt)
    {
        if (_view.IsEventList)
        {
            _rows.RemoveAt(_rows.Count - 1);
            _rows.Insert(0, new LiveRow(tick, "", receivedAt));
        }
        else if (book is not null)
        {
            ShowBook(tick, book, receivedAt);
        }
        else
        {
            _rows[row] = _rows[row] with { Tick = tick, ReceivedAt = receivedAt };
        }
    }

    // The first row also has the name of the instrument, its code and the time.
    private void ShowBook(Tick tick, BookRows book, DateTimeOffset receivedAt)
    {
        Tick[] levels = [.. book.Asks, .. book.Bids];
        Levels = (book.Asks.Count, book.Bids.Count);
        _rows[0] = _rows[0] with { Tick = tick with { Cells = levels.Length > 0 ? levels[0].Cells : [] }, ReceivedAt = receivedAt };
        _rows.RemoveRange(1, _rows.Count - 1);
        _rows.AddRange(levels.Skip(1).Concat(book.Totals).Select(level => new LiveRow(level, "", default)));
    }
}

/// <summary>A row of the live table.</summary>
/// <param name="Tick">The shown tick; <see langword="null"/> before the first.</param>
/// <param name="Venue">The venue of the feed; empty if there is only one.</param>
/// <param name="ReceivedAt">When the tick was received.</param>
internal readonly record struct LiveRow(Tick? Tick, string Venue, DateTimeOffset ReceivedAt);

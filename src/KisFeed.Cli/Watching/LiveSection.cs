using KisFeed.Cli.Ticks;
using Spectre.Console;

namespace KisFeed.Cli.Watching;

/// <summary>
/// The rows of the live table with the same columns: one per key, the levels of a single order book, or the last
/// few records if each record matters.
/// </summary>
internal sealed class LiveSection
{
    private const int Events = 3;

    private readonly List<LiveRow> _rows = [];
    private int _keys;

    public LiveSection(TickView view)
    {
        View = view;
        if (view.IsEventList)
            _rows.AddRange(Enumerable.Repeat<LiveRow>(default, Events));
    }

    public TickView View { get; }

    public IReadOnlyList<LiveRow> Rows => _rows;

    /// <summary>Whether the rows are the levels of a single order book.</summary>
    public bool IsLadder => View.IsBook && _keys == 1;

    /// <summary>Adds a key and returns the number of its row.</summary>
    public int Add(WatchTarget target, string name)
    {
        _keys++;
        if (!View.IsEventList)
            _rows.Add(new LiveRow(new Tick(target.Feed.TrId, target.Key, name, "", []), Venues.NameOf(target.Feed), default));
        return _rows.Count - 1;
    }

    /// <summary>Shows a tick in its row, and below it the other levels of a single order book.</summary>
    public void Update(int row, Tick tick, IReadOnlyList<Tick> levels, DateTimeOffset receivedAt)
    {
        if (View.IsEventList)
        {
            _rows.RemoveAt(_rows.Count - 1);
            _rows.Insert(0, new LiveRow(tick, "", receivedAt));
        }
        else
        {
            _rows[row] = _rows[row] with { Tick = tick, ReceivedAt = receivedAt };
            _rows.RemoveRange(_keys, _rows.Count - _keys);
            _rows.AddRange(levels.Select(level => new LiveRow(level, "", default)));
        }
    }
}

/// <summary>A row of the live table.</summary>
/// <param name="Tick">The shown tick; <see langword="null"/> before the first.</param>
/// <param name="Venue">The venue of the feed; empty if there is only one.</param>
/// <param name="ReceivedAt">When the tick was received.</param>
internal readonly record struct LiveRow(Tick? Tick, string Venue, DateTimeOffset ReceivedAt);

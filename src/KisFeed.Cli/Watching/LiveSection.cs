using KisFeed.Cli.Options;
using KisFeed.Cli.Ticks;

namespace KisFeed.Cli.Watching;

/// <summary>The rows of the live table that have the same columns: one a key, or, where each record matters, the last few.</summary>
internal sealed class LiveSection
{
    private const int Events = 3;

    private readonly List<LiveRow> _rows = [];

    public LiveSection(TickView view)
    {
        View = view;
        if (view.IsEventList)
            _rows.AddRange(Enumerable.Repeat<LiveRow>(default, Events));
    }

    public TickView View { get; }

    public IReadOnlyList<LiveRow> Rows => _rows;

    /// <summary>Makes room for a key; the number of its row.</summary>
    public int Add(WatchTarget target, string name)
    {
        if (!View.IsEventList)
            _rows.Add(new LiveRow(new Tick(target.Feed.TrId, target.Key, name, "", []), Venues.NameOf(target.Feed), default));
        return _rows.Count - 1;
    }

    public void Take(int row, Tick tick, DateTimeOffset receivedAt)
    {
        if (View.IsEventList)
        {
            _rows.RemoveAt(_rows.Count - 1);
            _rows.Insert(0, new LiveRow(tick, "", receivedAt));
        }
        else
        {
            _rows[row] = _rows[row] with { Tick = tick, ReceivedAt = receivedAt };
        }
    }
}

using KisFeed.Cli.Ticks;
using KisFeed.Wire;

namespace KisFeed.Cli.Watching;

/// <summary>The readers of all feeds that are watched.</summary>
internal sealed class TickReaders(InstrumentNames names)
{
    private readonly Dictionary<string, TickReader> _readers = new(StringComparer.Ordinal);

    public InstrumentNames Names => names;

    public TickReader Of(FeedSchema feed)
    {
        if (!_readers.TryGetValue(feed.TrId, out var reader))
            _readers.Add(feed.TrId, reader = new TickReader(feed, names));
        return reader;
    }
}

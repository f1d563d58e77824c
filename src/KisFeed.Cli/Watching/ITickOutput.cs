using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Output;
using KisFeed.Cli.Ticks;
using KisFeed.Wire;

namespace KisFeed.Cli.Watching;

/// <summary>Where what is watched goes to: records and events, in the order in which they came.</summary>
internal interface ITickOutput : IAsyncDisposable
{
    /// <summary>A record whose every column can be read.</summary>
    void Record(WatchTarget target, DateTimeOffset receivedAt, scoped RecordFields fields);

    /// <summary>A gap.</summary>
    void Gap(WatchTarget target, Gap gap);

    /// <summary>Data may be missing from here on. For programs: people are told what has become of the session as a whole.</summary>
    void Interruption(WatchTarget target, Interruption interruption);

    /// <summary>A frame, or a record of one, that cannot be read.</summary>
    void Malformed(WatchTarget target, DateTimeOffset receivedAt, FrameError error, scoped ReadOnlySpan<byte> raw);

    /// <summary>Nothing more is at hand; what has been gathered is due.</summary>
    ValueTask FlushAsync();
}

/// <summary>Makes the outputs that are for people, and runs sessions with whatever output they have.</summary>
internal static class TickOutputs
{
    /// <summary>Lines, or a table that lives on the terminal.</summary>
    /// <param name="host">Where to.</param>
    /// <param name="targets">What is watched.</param>
    /// <param name="colors">The colours of ups and downs.</param>
    /// <param name="isPlain">Whether it is to be lines.</param>
    /// <param name="footer">What stands below the table all the time; <see langword="null"/> for nothing.</param>
    public static ITickOutput CreateForPeople(CommandHost host, IReadOnlyList<WatchTarget> targets, MarketColors colors, bool isPlain, string? footer = null)
    {
        var readers = new TickReaders(new InstrumentNames());
        var palette = new Palette(colors);
        return isPlain ? new PlainTicks(host, targets, readers, palette) : new LiveTicks(host, targets, readers, palette, footer);
    }

    /// <summary>Runs a session until it has its records, its time is over, or it is cancelled.</summary>
    public static async Task RunAsync(CommandHost host, ITickOutput output, WatchSession session, long? count, TimeSpan? duration, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(duration ?? Timeout.InfiniteTimeSpan, host.Time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var running = session.RunAsync(count ?? long.MaxValue, ending.Token);
        if (output is not LiveTicks live)
        {
            using var progress = new Progress(host, () => $"{session.Count:N0} records");
            await running;
            return;
        }

        await using var text = host.OpenText();
        await live.ShowAsync(ConsoleFactory.Create(host, text), running);
    }
}

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

using KisFeed.Cli.Ticks;

namespace KisFeed.Cli.Watching;

/// <summary>Receives the watched records and events, in the order of arrival.</summary>
internal interface ITickOutput : IAsyncDisposable
{
    /// <summary>A record with all columns readable.</summary>
    void WriteRecord(WatchTarget target, DateTimeOffset receivedAt, scoped RecordFields fields);

    /// <summary>A gap.</summary>
    void WriteGap(WatchTarget target, Gap gap);

    /// <summary>Data may be missing from here on. Only for programs: people get messages about the session instead.</summary>
    void WriteInterruption(WatchTarget target, Interruption interruption);

    /// <summary>Recorded data end here.</summary>
    void WriteLive(WatchTarget target, LiveBegins live);

    /// <summary>An unreadable frame or record.</summary>
    void WriteMalformed(WatchTarget target, DateTimeOffset receivedAt, FrameError error, scoped ReadOnlySpan<byte> raw);

    /// <summary>No more items are buffered: writes the output.</summary>
    ValueTask FlushAsync();
}

/// <summary>Creates the outputs for people, and runs sessions with any output.</summary>
internal static class TickOutputs
{
    /// <summary>Creates an output that writes lines or shows a live table.</summary>
    /// <param name="host">The host.</param>
    /// <param name="targets">The watched targets.</param>
    /// <param name="colors">The colours.</param>
    /// <param name="isPlain">Whether to write lines.</param>
    /// <param name="footer">A line that is always shown below the table; <see langword="null"/> for none.</param>
    public static ITickOutput CreateForPeople(CommandHost host, IReadOnlyList<WatchTarget> targets, MarketColors colors, bool isPlain, string? footer = null)
    {
        var readers = new TickReaders(new InstrumentNames());
        var palette = new Palette(colors);
        return isPlain ? new PlainTicks(host, targets, readers, palette) : new LiveTicks(host, targets, readers, palette, footer);
    }

    /// <summary>Runs a session until it has read enough records, its time is over, or it is cancelled.</summary>
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

/// <summary>The readers of all watched feeds.</summary>
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

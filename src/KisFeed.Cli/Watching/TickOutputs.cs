using KisFeed.Cli.Ticks;

namespace KisFeed.Cli.Watching;

internal static class TickOutputs
{
    /// <summary>A live table, or lines if it is plain.</summary>
    public static Output<TickItem> Text(TickContext context, bool isPlain, string? footer = null)
    {
        var readers = new TickReaders(context.Instruments);
        var palette = new Palette(context.Colors);
        return isPlain
            ? new PlainTicks(context.Host, context.Targets, readers, palette)
            : new LiveTicks(context.Host, context.Targets, readers, palette, footer);
    }

    /// <summary>Runs a session until it has read enough records, its time is over, or it is cancelled.</summary>
    public static async Task RunAsync(
        CommandHost host, Output<TickItem> output, WatchSession session, long? count, TimeSpan? duration,
        CancellationToken cancellationToken)
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

internal sealed record TickContext(
    CommandHost Host, IReadOnlyList<WatchTarget> Targets, InstrumentNames Instruments, MarketColors Colors,
    NameStyle Names = NameStyle.English);

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

using KisFeed.Cli.Hosting;
using KisFeed.Cli.Options;
using KisFeed.Cli.Output;
using KisFeed.Cli.Ticks;

namespace KisFeed.Cli.Watching;

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

using System.Diagnostics;
using KisFeed.Benchmarks.Comparing;

namespace KisFeed.Benchmarks.Sockets;

/// <summary>One round of a client: connects, waits until it is running, and measures it.</summary>
internal static class ReaderRound
{
    public const string FramesASecond = "frames a second";
    public const string P99 = "p99";
    public const string Allocated = "allocated";
    public const string Cores = "cores";
    public const string Dropped = "dropped";

    private static readonly TimeSpan s_lead = TimeSpan.FromMilliseconds(150);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(
        Func<Task<IFeedReader>> start, Delays? delays, TimeSpan duration, CancellationToken cancellationToken, TimeSpan? lead = null)
    {
        await using var reader = await start();
        await Task.Delay(lead ?? s_lead, cancellationToken);
        var from = delays?.Count ?? 0;
        var before = Snapshot.Of(reader);
        await Task.Delay(duration, cancellationToken);
        var after = Snapshot.Of(reader);
        List<Figure> figures = [];
        if (delays is not null)
        {
            var quantiles = delays.Quantiles(from..delays.Count, 0.5, 0.99, 0.999);
            figures.AddRange([new("p50", "µs", quantiles[0]), new(P99, "µs", quantiles[1]), new("p99.9", "µs", quantiles[2])]);
        }

        double frames = after.Reading.Frames - before.Reading.Frames;
        double dropped = after.Reading.Dropped - before.Reading.Dropped;
        var seconds = Stopwatch.GetElapsedTime(before.At, after.At).TotalSeconds;
        figures.Add(new Figure(FramesASecond, "", frames / seconds));
        if (after.Reading.Records - before.Reading.Records is { } records)
            figures.Add(new Figure("records a second", "", records / seconds));
        figures.AddRange(
        [
            new(Cores, "", (after.Processor - before.Processor).TotalSeconds / seconds),
            new("processor", "ns/frame", (after.Processor - before.Processor).TotalNanoseconds / frames),
            new(Allocated, "bytes/frame", (after.Allocated - before.Allocated) / frames),
            new(Dropped, "%", 100 * dropped / (frames + dropped)),
        ]);
        return figures;
    }

    private sealed record Snapshot(Reading Reading, long At, TimeSpan Processor, long Allocated)
    {
        public static Snapshot Of(IFeedReader reader) =>
            new(reader.Read(), Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true));
    }
}

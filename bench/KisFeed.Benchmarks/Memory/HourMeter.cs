using System.Diagnostics;

namespace KisFeed.Benchmarks.Memory;

/// <summary>Measures consecutive minutes.</summary>
internal sealed class HourMeter
{
    private readonly HourClient _client;
    private int _minute;
    private State _last;

    public HourMeter(HourClient client)
    {
        _client = client;
        _last = MeasureAfterCollection();
    }

    /// <summary>Measures the time since the last call, or since construction.</summary>
    public HourMinute Next()
    {
        var end = Measure();
        var (begin, seconds) = (_last, Stopwatch.GetElapsedTime(_last.At, end.At).TotalSeconds);
        _last = MeasureAfterCollection();
        var frames = end.Frames - begin.Frames;
        return new HourMinute(
            ++_minute,
            frames / seconds,
            (end.Records - begin.Records) / seconds,
            _last.Heap,
            (end.Allocated - begin.Allocated) / (double)Math.Max(frames, 1),
            _last.WorkingSet,
            [.. end.Collections.Zip(begin.Collections, static (now, before) => now - before)],
            (end.Processor - begin.Processor).TotalSeconds / seconds,
            end.Dropped - begin.Dropped,
            end.Gaps - begin.Gaps,
            end.Malformed - begin.Malformed);
    }

    private State MeasureAfterCollection()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Measure();
    }

    private State Measure() => new(
        Stopwatch.GetTimestamp(),
        _client.Frames,
        _client.Records,
        GC.GetTotalMemory(forceFullCollection: false),
        GC.GetTotalAllocatedBytes(precise: true),
        Environment.WorkingSet,
        [.. Enumerable.Range(0, GC.MaxGeneration + 1).Select(GC.CollectionCount)],
        Environment.CpuUsage.TotalTime,
        _client.Dropped,
        _client.Gaps,
        _client.Malformed);

    private sealed record State(
        long At, long Frames, long Records, long Heap, long Allocated, long WorkingSet, int[] Collections, TimeSpan Processor, long Dropped,
        long Gaps, long Malformed);
}

using System.Diagnostics;

namespace KisFeed.Benchmarks.Memory;

/// <summary>Measures one minute after the other, each from where the last ended.</summary>
internal sealed class HourMeter
{
    private readonly HourClient _client;
    private int _minute;
    private State _last;

    public HourMeter(HourClient client)
    {
        _client = client;
        _last = TakeAfterCollection();
    }

    /// <summary>What has been since the last call, or since the beginning.</summary>
    public HourMinute Next()
    {
        var end = Take();
        var (begin, seconds) = (_last, Stopwatch.GetElapsedTime(_last.At, end.At).TotalSeconds);
        _last = TakeAfterCollection();
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

    private State TakeAfterCollection()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Take();
    }

    private State Take() => new(
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

    private sealed record State(long At, long Frames, long Records, long Heap, long Allocated, long WorkingSet, int[] Collections, TimeSpan Processor, long Dropped, long Gaps, long Malformed);
}

/// <summary>One minute of a long run.</summary>
/// <param name="Minute">Which; the first is 1.</param>
/// <param name="FramesASecond">Frames that subscriptions got.</param>
/// <param name="RecordsASecond">Records that callbacks got.</param>
/// <param name="Heap">Bytes on the managed heap at the end of the minute, after a collection.</param>
/// <param name="AllocatedAFrame">Bytes that were allocated, by whatever, for each frame.</param>
/// <param name="WorkingSet">Bytes of memory that the process had at the end.</param>
/// <param name="Collections">Collections of each generation, without the one that was asked for.</param>
/// <param name="Processor">Cores that the process took.</param>
/// <param name="Dropped">Frames that queues dropped.</param>
/// <param name="Gaps">Gaps and interruptions that were told.</param>
/// <param name="Malformed">Frames that could not be read.</param>
internal sealed record HourMinute(
    int Minute,
    double FramesASecond,
    double RecordsASecond,
    long Heap,
    double AllocatedAFrame,
    long WorkingSet,
    IReadOnlyList<int> Collections,
    double Processor,
    long Dropped,
    long Gaps,
    long Malformed)
{
    /// <summary>Whether everything came, and could be read.</summary>
    public bool IsWhole => Dropped + Gaps + Malformed == 0;
}

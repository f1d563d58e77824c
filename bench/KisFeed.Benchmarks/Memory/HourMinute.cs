namespace KisFeed.Benchmarks.Memory;

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

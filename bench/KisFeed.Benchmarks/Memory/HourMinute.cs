namespace KisFeed.Benchmarks.Memory;

/// <summary>One minute of a long run.</summary>
/// <param name="Minute">The number of the minute, from 1.</param>
/// <param name="FramesASecond">Frames received by subscriptions.</param>
/// <param name="RecordsASecond">Records passed to callbacks.</param>
/// <param name="Heap">Bytes on the managed heap at the end of the minute, after a collection.</param>
/// <param name="AllocatedAFrame">Bytes allocated by the process for each frame.</param>
/// <param name="WorkingSet">The working set of the process at the end, in bytes.</param>
/// <param name="Collections">Collections of each generation, without the forced one.</param>
/// <param name="Processor">Processor time in cores.</param>
/// <param name="Dropped">Frames dropped by queues.</param>
/// <param name="Gaps">Reported gaps and interruptions.</param>
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
    /// <summary>Whether nothing was lost or malformed.</summary>
    public bool IsWhole => Dropped + Gaps + Malformed == 0;
}

namespace KisFeed.Gateway;

/// <summary>Counts those who were turned away, by reason. For any thread.</summary>
internal sealed class Refusals
{
    private readonly long[] _counts = new long[Enum.GetValues<RefusalReason>().Length];

    public long Of(RefusalReason reason) => Volatile.Read(ref _counts[(int)reason]);

    public void Add(RefusalReason reason) => Interlocked.Increment(ref _counts[(int)reason]);
}

using KisFeed.Benchmarks.Serving;

namespace KisFeed.Benchmarks.Sockets;

/// <summary>Delays of frames, stored without allocations. For one writer.</summary>
internal sealed class Delays
{
    private const int Capacity = 1 << 16;

    private readonly int[] _microseconds = new int[Capacity];
    private int _count;

    /// <summary>The number of stored delays.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds the delay of a frame that was received now.</summary>
    public void Add(long stamp)
    {
        if (_count == Capacity)
            return;
        _microseconds[_count] = Stamp.Since(stamp);
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>Quantiles of the delays of a range of frames, in microseconds.</summary>
    public IReadOnlyList<double> Quantiles(Range frames, params ReadOnlySpan<double> shares)
    {
        var sorted = _microseconds.AsSpan(frames).ToArray();
        Array.Sort(sorted);
        List<double> quantiles = [];
        foreach (var share in shares)
            quantiles.Add(sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)]);
        return quantiles;
    }
}

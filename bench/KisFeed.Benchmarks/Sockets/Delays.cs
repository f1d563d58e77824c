using KisFeed.Benchmarks.Serving;

namespace KisFeed.Benchmarks.Sockets;

/// <summary>Delays of frames, kept without allocating. For one writer.</summary>
internal sealed class Delays
{
    private const int Room = 1 << 16;

    private readonly int[] _microseconds = new int[Room];
    private int _count;

    /// <summary>How many there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>A frame with this stamp has come.</summary>
    public void Add(long stamp)
    {
        if (_count == Room)
            return;
        _microseconds[_count] = Stamp.Since(stamp);
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>The delay that a share of the frames of a time did not exceed, in microseconds.</summary>
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

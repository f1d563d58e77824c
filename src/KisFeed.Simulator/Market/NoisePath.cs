using System.Runtime.InteropServices;

namespace KisFeed.Simulator.Market;

/// <summary>
/// A random walk as a pure function of market time: whoever looks, how often, and in which order, sees the same path. Its standard
/// deviation over a day is about 1 and it stays within ±<see cref="Bound"/>.
/// </summary>
/// <remarks>
/// Octaves of value noise, each half as long and √½ as high as the one above, which is how a Brownian path scales. Only the four basic
/// operations and the square root are used, here and for everything else that is told, because those alone give the same bits everywhere.
/// </remarks>
internal sealed class NoisePath
{
    /// <summary>What no value exceeds.</summary>
    public const double Bound = 5.2;

    // From 64 ms, finer than anybody could tell, to 4.7 hours.
    private const int FinestShift = 6;
    private const int CoarsestShift = 24;

    // Makes the standard deviation 1: the octaves' variances sum to 2, and one interpolated uniform number has 2/9 of them.
    private const double Height = 1.5;

    private readonly ulong _seed;
    private readonly Segment[] _segments = new Segment[CoarsestShift - FinestShift + 1];

    public NoisePath(ulong seed) => _seed = seed;

    public double At(in MarketMoment moment)
    {
        var milliseconds = moment.Milliseconds;
        var day = moment.Day.DayNumber + 1;
        var sum = 0.0;
        for (var octave = 0; octave < _segments.Length; octave++)
        {
            var shift = FinestShift + octave;
            var number = milliseconds >> shift;
            ref var segment = ref _segments[octave];
            if (segment.Number != number || segment.Day != day)
                segment = SegmentOf(day, octave, number);
            sum += segment.Start + (segment.Slope * (milliseconds - (number << shift)));
        }

        return sum;
    }

    private Segment SegmentOf(int day, int octave, long number)
    {
        var shift = FinestShift + octave;
        var height = Height / Math.Sqrt(1L << (CoarsestShift - shift));
        var start = height * NodeOf(day, octave, number);
        var end = height * NodeOf(day, octave, number + 1);
        return new Segment(day, number, start, (end - start) / (1L << shift));
    }

    private double NodeOf(int day, int octave, long number) =>
        StableHash.ToSignedUnit(StableHash.Combine(StableHash.Combine(StableHash.Combine(_seed, day), octave), number));

    // Kept between calls for speed alone. Days count from 1, so that none matches a segment that was never set.
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Segment(int Day, long Number, double Start, double Slope);
}

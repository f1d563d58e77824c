using System.Runtime.InteropServices;

namespace KisFeed.Simulator.Market;

/// <summary>
/// A random walk as a pure function of market time: the path does not depend on how often or in which order it is read. Its standard
/// deviation over a day is about 1, and it stays within ±<see cref="Bound"/>.
/// </summary>
/// <remarks>
/// It consists of octaves of value noise, each half as long and √½ as high as the previous one, which is how a Brownian path scales.
/// Here and in everything else that affects records, only the four basic operations and the square root are used, because only those
/// give the same bits on every machine.
/// </remarks>
internal sealed class NoisePath
{
    /// <summary>The largest absolute value.</summary>
    public const double Bound = 5.2;

    // From 64 ms, which is finer than can be noticed, to 4.7 hours.
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

    // Cached between calls for speed only. Days count from 1, so that no day matches an unset segment.
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Segment(int Day, long Number, double Start, double Slope);
}

/// <summary>A path that many instruments add to their own, so that they move together.</summary>
/// <param name="seed">The seed of the path.</param>
/// <param name="volatility">Its standard deviation over a day, in the unit of the value that it moves.</param>
internal sealed class MarketFactor(ulong seed, double volatility)
{
    private readonly NoisePath _path = new(seed);

    /// <summary>The change since the previous close.</summary>
    public double At(in MarketMoment moment) => volatility * _path.At(moment);
}

using System.Diagnostics;
using KisFeed.Benchmarks.Comparing;

namespace KisFeed.Benchmarks.Decode;

/// <summary>Repeats a short method often enough to be timed.</summary>
internal static class TimedLoop
{
    private const int Batch = 64;

    /// <summary>The time that all candidates together need until their methods are fully optimized.</summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_length = TimeSpan.FromMilliseconds(80);

    /// <summary>The mean time and allocation of one call.</summary>
    public static IReadOnlyList<Figure> Of(Func<long> work)
    {
        long calls = 0;
        long sink = 0;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < s_length)
        {
            for (var i = 0; i < Batch; i++)
                sink += work();
            calls += Batch;
        }

        var elapsed = watch.Elapsed;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        GC.KeepAlive(sink);
        return
        [
            new Figure(DecodeNames.Frame, "ns", elapsed.TotalNanoseconds / calls),
            new Figure(DecodeNames.Allocated, "bytes", Math.Round((double)allocated / calls)),
        ];
    }
}

using System.Globalization;
using KisFeed.Soak.Checks;
using KisFeed.Soak.Gateways.Measures;

namespace KisFeed.Soak.Gateways;

/// <summary>
/// Limits on the growth of the process from the second to the last quarter of a soak. Checked only if there are enough samples.
/// </summary>
internal static class GatewayBounds
{
    private const int MinSamples = 20;

    /// <summary>The heap after collections. Allows for varying fill levels of queues and the replay buffer.</summary>
    private const double Heap = 24 << 20;

    private const double WorkingSet = 48 << 20;
    private const double Handles = 40;
    private const double Threads = 8;
    private const double Timers = 64;

    public static void Check(IReadOnlyList<GatewaySample> samples, Findings findings)
    {
        if (samples.Count < MinSamples)
            return;
        Check("the heap after collections", samples, static s => s.Runtime.HeapAfterCollection, Heap, findings);
        Check("the working set", samples, static s => s.System.WorkingSet, WorkingSet, findings);
        Check("open handles", samples, static s => s.System.Handles, Handles, findings);
        Check("threads", samples, static s => s.System.Threads, Threads, findings);
        Check("timers", samples, static s => s.Runtime.Timers, Timers, findings);
    }

    private static void Check(
        string what, IReadOnlyList<GatewaySample> samples, Func<GatewaySample, double> read, double bound, Findings findings)
    {
        var quarter = samples.Count / 4;
        var second = samples.Skip(quarter).Take(quarter).Average(read);
        var last = samples.Skip(samples.Count - quarter).Average(read);
        if (last > second + bound)
        {
            findings.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{what} grew from {second:0} in the second quarter to {last:0} in the last, by more than {bound:0}"));
        }
    }
}

using System.Runtime.InteropServices;

namespace KisFeed.Simulator.Market;

/// <summary>What lies before a market that is taken up within its first day.</summary>
/// <param name="Until">Where it is taken up.</param>
/// <param name="Step">The time between two events.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct MarketWarmup(MarketMoment Until, TimeSpan Step)
{
    /// <summary>The events that fit in: no instrument of a market that began at the opening can have moved more often.</summary>
    public long Moves => (Until.SinceOpen.Ticks + Step.Ticks - 1) / Step.Ticks;

    /// <summary>The last whole second before an event, as time since the opening.</summary>
    public TimeSpan SecondOf(long move) => TimeSpan.FromSeconds(move * Step.Ticks / TimeSpan.TicksPerSecond);
}

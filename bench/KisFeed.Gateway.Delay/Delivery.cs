namespace KisFeed.Gateway.Delay;

/// <summary>What one run came to.</summary>
/// <param name="Delays">Delays of all readers in microseconds, in ascending order.</param>
/// <param name="Missing">Frames that readers did not get.</param>
/// <param name="PeakMemory">The most memory that the gateway's process had, in bytes.</param>
/// <param name="Processor">How much of one processor the gateway took.</param>
/// <param name="Dropped">Records that streams did not get because they were not read.</param>
/// <param name="Closed">Connections that the gateway has closed because they were not read.</param>
internal sealed record Delivery(double[] Delays, int Missing, long PeakMemory, double Processor, long Dropped, long Closed)
{
    /// <summary>The delay that a share of all frames did not exceed, in milliseconds.</summary>
    public double Quantile(double share) => Delays[Math.Clamp((int)Math.Ceiling(share * Delays.Length) - 1, 0, Delays.Length - 1)] / 1_000;
}

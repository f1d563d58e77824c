namespace KisFeed.Simulator.Market;

/// <summary>What happens between two days.</summary>
internal static class Overnight
{
    // Small against the moves of a day, large enough that levels stay plausible however many days are simulated.
    private const double Return = 0.05;

    /// <summary>The level that the next day's prices move about: where the last day ended, drawn a little towards where the first began.</summary>
    public static double Anchor(double close, double home) => close + (Return * (home - close));
}

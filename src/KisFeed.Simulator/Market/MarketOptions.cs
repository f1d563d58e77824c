namespace KisFeed.Simulator.Market;

/// <summary>What a market is made from. Markets with equal options that are asked for the same things in the same order tell the same, byte for byte.</summary>
public sealed record MarketOptions
{
    /// <summary>A market with every option at its default.</summary>
    public static MarketOptions Default { get; } = new();

    /// <summary>What every random choice derives from; 1 unless said otherwise.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The first trading day: Monday to Friday; holidays are traded on. Friday, 20 November 2026 unless said otherwise.</summary>
    public DateOnly Day { get; init; } = new(2026, 11, 20);

    /// <summary>
    /// The time of day in Korea at which the market is taken up on its first day: from 09:00, which it is unless said otherwise, and before 15:30.
    /// What is opened has then as much behind it as if it had moved at every <see cref="Step"/> since the opening, and nobody was told. So a market that
    /// is taken up at a time, or later, has cumulative quantities no lower than one with the same seed and step had by then.
    /// </summary>
    public TimeOnly StartAt { get; init; } = MarketHours.Opening;

    /// <summary>The market time that passes with each event, shorter than a trading day; 20 ms unless said otherwise.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromMilliseconds(20);
}

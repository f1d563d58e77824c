namespace KisFeed.Gateway;

/// <summary>What came of a key on the last day on which something did.</summary>
/// <param name="Date">Which day that was, in Korea.</param>
/// <param name="Series">The minutes of each column, by its name, in order and without those in which nothing came.</param>
/// <param name="Gaps">Where data are missing, in order.</param>
internal sealed record Day(DateOnly Date, IReadOnlyList<(string Name, IReadOnlyList<DayBar> Bars)> Series, IReadOnlyList<DayGap> Gaps);

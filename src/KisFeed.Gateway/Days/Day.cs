using System.Collections.Immutable;

namespace KisFeed.Gateway.Days;

/// <summary>The last day of a key that has records.</summary>
/// <param name="Date">The date in Korea.</param>
/// <param name="Last">The exchange time of the last record.</param>
/// <param name="Series">The bars of each column with its name, in order and without empty minutes.</param>
/// <param name="Gaps">Where data are missing, in order.</param>
internal sealed record Day(
    DateOnly Date, DateTimeOffset Last, IReadOnlyList<(string Name, IReadOnlyList<DayBar> Bars)> Series, IReadOnlyList<DayGap> Gaps)
{
    /// <summary>Joins two parts of a day, whose records follow each other.</summary>
    /// <param name="earlier">The earlier part. A gap at its end ends with the first record of the later one.</param>
    /// <param name="later">The later part.</param>
    /// <param name="firstAt">The exchange time of the first record of the later part.</param>
    /// <param name="firstValues">The value of each series there.</param>
    public static Day Join(Day earlier, Day later, DateTimeOffset firstAt, ImmutableArray<decimal?> firstValues)
    {
        var gaps = earlier.Gaps.Select(
            gap => gap.To is null ? gap with { To = firstAt > gap.From ? firstAt : gap.From, After = firstValues } : gap);
        return later with
        {
            Series = [.. earlier.Series.Zip(later.Series, (a, b) => (a.Name, Join(a.Bars, b.Bars)))],
            Gaps = [.. gaps, .. later.Gaps],
        };
    }

    private static IReadOnlyList<DayBar> Join(IReadOnlyList<DayBar> earlier, IReadOnlyList<DayBar> later)
    {
        var bars = earlier.ToDictionary(bar => bar.Minute);
        foreach (var bar in later)
        {
            bars[bar.Minute] = bars.TryGetValue(bar.Minute, out var before)
                ? new DayBar(
                    bar.Minute, before.Open, Math.Max(before.High, bar.High), Math.Min(before.Low, bar.Low), bar.Close,
                    before.Records + bar.Records)
                : bar;
        }

        return [.. bars.Values.OrderBy(bar => bar.Minute)];
    }
}

/// <summary>One minute of one column of one key. The minute is that of the day by exchange time: 540 is 09:00.</summary>
internal readonly record struct DayBar(int Minute, decimal Open, decimal High, decimal Low, decimal Close, int Records);

/// <summary>A period of a key's day with missing data, by exchange time.</summary>
/// <param name="From">
/// The time of the last record before it, of any key of the session: until then, records of this key would have been received.
/// </param>
/// <param name="To">The time of the first record after it; <see langword="null"/> while it lasts.</param>
/// <param name="Reason">The reason, as spelled in responses.</param>
/// <param name="Before">The last value of each series before it, in their order.</param>
/// <param name="After">The value of each series after it; empty while it lasts.</param>
internal readonly record struct DayGap(
    DateTimeOffset From, DateTimeOffset? To, string Reason, ImmutableArray<decimal?> Before, ImmutableArray<decimal?> After);

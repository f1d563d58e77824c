namespace KisFeed.Simulator.Market;

/// <summary>A KOSPI 200 futures contract.</summary>
/// <param name="Code">The short code, e.g. <c>A01612</c>: product A01, last digit of the year, month.</param>
/// <param name="Name">The Korean name.</param>
/// <param name="Premium">Its premium over the index, as a fraction.</param>
internal sealed record FuturesContract(string Code, string Name, double Premium)
{
    /// <summary>The underlying index: KOSPI 200.</summary>
    public const string UnderlyingIndex = "2001";

    private const string Product = "A01";
    private const int MonthsBetween = 3;
    private const int ListedContracts = 4;
    private const double PremiumPerContract = 0.004;

    /// <summary>
    /// The contracts listed on a day, nearest first: those of March, June, September and December, until
    /// the second Thursday of their month.
    /// </summary>
    public static IReadOnlyList<FuturesContract> ListedOn(DateOnly day)
    {
        var month = new DateOnly(day.Year, (((day.Month - 1) / MonthsBetween) + 1) * MonthsBetween, 1);
        if (day > SecondThursday(month))
            month = month.AddMonths(MonthsBetween);
        return [.. Enumerable.Range(0, ListedContracts).Select(i => Of(month.AddMonths(i * MonthsBetween), (i + 1) * PremiumPerContract))];
    }

    private static FuturesContract Of(DateOnly month, double premium) =>
        new($"{Product}{month.Year % 10}{month.Month:D2}", $"코스피200   F {month.Year}{month.Month:D2}", premium);

    private static DateOnly SecondThursday(DateOnly month) =>
        month.AddDays((((int)DayOfWeek.Thursday - (int)month.DayOfWeek + 7) % 7) + 7);
}

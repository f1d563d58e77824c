using KisFeed.Wire;

namespace KisFeed.Cli.Diagnosis;

/// <summary>When data are to be expected of the Korean market. Holidays are not known.</summary>
internal static class TradingHours
{
    private static readonly TimeOnly s_begin = new(9, 0);
    private static readonly TimeOnly s_end = new(15, 45);

    /// <summary>Whether it is a weekday in Korea, between 09:00 and 15:45.</summary>
    public static bool Include(DateTimeOffset moment)
    {
        var korea = KoreaTime.From(moment);
        return korea.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && TimeOnly.FromDateTime(korea.DateTime).IsBetween(s_begin, s_end);
    }
}

using System.CommandLine;
using System.Globalization;
using KisFeed.Simulator.Market;

namespace KisFeed.Cli.Options;

/// <summary>The time of day at which a simulator's market starts.</summary>
internal static class StartTime
{
    private const string Now = "now";

    private static readonly string[] s_formats = ["HH:mm", "HH:mm:ss"];

    public static Option<TimeOnly?> Option(TimeProvider time)
    {
        var option = new Option<TimeOnly?>("--start")
        {
            Description = "The time of day at which the market starts, what was traded before being in the cumulative quantities; now for the time in Korea, "
                + "so that a simulator which is started again goes on with the day (out of trading hours these are gone through again and again). Default: the opening, 09:00.",
            HelpName = "HH:MM[:SS]|now",
        };
        option.CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (text.Equals(Now, StringComparison.OrdinalIgnoreCase))
                return MarketHours.TimeOfDayAt(time.GetUtcNow());
            if (TimeOnly.TryParseExact(text, s_formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var start) && start >= MarketHours.Opening && start < MarketHours.Close)
                return start;
            result.AddError($"'{text}' is no time to start at: one from {MarketHours.Opening:HH:mm} and before {MarketHours.Close:HH:mm} is expected, such as 09:30, or {Now}.");
            return null;
        };
        return option;
    }
}

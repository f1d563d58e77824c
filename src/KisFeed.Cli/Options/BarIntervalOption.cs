using KisFeed.Capture.Bars;

namespace KisFeed.Cli.Options;

/// <summary><c>--interval</c>: the length of bars.</summary>
internal static class BarIntervalOption
{
    public static Option<TimeSpan> Create()
    {
        var option = new Option<TimeSpan>("--interval")
        {
            Description = "The length of a bar, 1s to 1d; it must divide a day.",
            HelpName = "1s|1m|5m|1h|1d",
            DefaultValueFactory = _ => new BarOptions().Interval,
        };
        option.CustomParser = result =>
        {
            if (TryParse(result.Tokens[0].Value, out var interval))
                return interval;
            result.AddError($"'{result.Tokens[0].Value}' is not a valid interval. Use a number and s, m, h or d that divides a day, from 1s to 1d, e.g. 30s, 1m, 5m or 1h.");
            return default;
        };
        return option;
    }

    private static bool TryParse(string text, out TimeSpan interval)
    {
        interval = default;
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 86_400)
            return false;
        interval = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            'd' => TimeSpan.FromDays(number),
            _ => default,
        };
        return BarOptions.IsInterval(interval);
    }
}

using System.CommandLine;
using System.Globalization;
using KisFeed.Capture;

namespace KisFeed.Cli.Options;

/// <summary>How long bars are.</summary>
internal static class BarInterval
{
    public static Option<TimeSpan> Option()
    {
        var option = new Option<TimeSpan>("--interval")
        {
            Description = "How long a bar is: 1s to 1d, and a day must be made of whole bars.",
            HelpName = "1s|1m|5m|1h|1d",
            DefaultValueFactory = _ => TimeSpan.FromMinutes(1),
        };
        option.CustomParser = result =>
        {
            if (TryParse(result.Tokens[0].Value, out var interval))
                return interval;
            result.AddError($"'{result.Tokens[0].Value}' is no interval: a number and s, m, h or d are expected, from 1s to 1d, such that a day is made of whole bars, as of 30s, 1m, 5m or 1h.");
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

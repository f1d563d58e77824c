using System.CommandLine;
using System.Globalization;
using KisFeed.Capture;
using KisFeed.Cli.Hosting;
using KisFeed.Replay;

namespace KisFeed.Cli.Options;

/// <summary>A bound of what is read from a capture.</summary>
internal static class CaptureTimeOption
{
    /// <summary>Refuses bounds between which nothing can lie.</summary>
    /// <exception cref="CommandException">They contradict each other.</exception>
    public static void RefuseContradiction(CaptureTime? from, CaptureTime? to)
    {
        if (CaptureTime.Contradict(from, to))
            throw new CommandException($"--from {from} is not before --to {to}: nothing lies between them");
    }

    public static Option<CaptureTime?> Create(string name, string description)
    {
        var option = new Option<CaptureTime?>(name) { Description = description, HelpName = "TIME" };
        option.CustomParser = result =>
        {
            if (CaptureTime.TryParse(result.Tokens[0].Value, out var time))
                return time;
            result.AddError($"'{result.Tokens[0].Value}' is no time: one of day in Korea such as 09:00 or 09:00:30 is expected, or 2026-11-20T09:00, or 2026-11-20T00:00:00Z.");
            return null;
        };
        return option;
    }
}

/// <summary>How many times as fast as it was received a capture is replayed.</summary>
internal static class ReplaySpeedOption
{
    public static Option<double> Create()
    {
        var option = new Option<double>("--speed")
        {
            Description = "How many times as fast as the frames were received they are sent; max for as fast as the slowest client takes them.",
            HelpName = "N|max",
            DefaultValueFactory = _ => 1,
        };
        option.CustomParser = result =>
        {
            if (ReplaySpeed.TryParse(result.Tokens[0].Value, out var speed))
                return speed;
            result.AddError($"'{result.Tokens[0].Value}' is no speed: a number such as 1, 10 or 0.5 is expected, at least 0.001, or max.");
            return 0;
        };
        return option;
    }
}

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

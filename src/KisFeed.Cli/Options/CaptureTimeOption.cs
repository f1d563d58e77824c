using System.CommandLine;
using System.Globalization;
using KisFeed.Capture;
using KisFeed.Capture.Bars;
using KisFeed.Cli.Hosting;
using KisFeed.Replay;

namespace KisFeed.Cli.Options;

/// <summary>Options that bound the time range of a capture.</summary>
internal static class CaptureTimeOption
{
    /// <summary>Rejects an empty time range.</summary>
    /// <exception cref="CommandException">The bounds contradict each other.</exception>
    public static void RefuseContradiction(CaptureTime? from, CaptureTime? to)
    {
        if (CaptureTime.Contradict(from, to))
            throw new CommandException($"--from {from} is not before --to {to}: the range is empty");
    }

    public static Option<CaptureTime?> Create(string name, string description)
    {
        var option = new Option<CaptureTime?>(name) { Description = description, HelpName = "TIME" };
        option.CustomParser = result =>
        {
            if (CaptureTime.TryParse(result.Tokens[0].Value, out var time))
                return time;
            result.AddError($"'{result.Tokens[0].Value}' is not a valid time. Use a time of day in Korea, e.g. 09:00 or 09:00:30, or 2026-11-20T09:00, or 2026-11-20T00:00:00Z.");
            return null;
        };
        return option;
    }
}

/// <summary><c>--speed</c>: the speed of a replay, as a multiple of the original.</summary>
internal static class ReplaySpeedOption
{
    public static Option<double> Create()
    {
        var option = new Option<double>("--speed")
        {
            Description = "The speed, as a multiple of the original; max for as fast as the slowest client accepts frames.",
            HelpName = "N|max",
            DefaultValueFactory = _ => 1,
        };
        option.CustomParser = result =>
        {
            if (ReplaySpeed.TryParse(result.Tokens[0].Value, out var speed))
                return speed;
            result.AddError($"'{result.Tokens[0].Value}' is not a valid speed. Use a number of at least 0.001, e.g. 1, 10 or 0.5, or max.");
            return 0;
        };
        return option;
    }
}

/// <summary><c>--interval</c>: the length of bars.</summary>
internal static class BarInterval
{
    public static Option<TimeSpan> Option()
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

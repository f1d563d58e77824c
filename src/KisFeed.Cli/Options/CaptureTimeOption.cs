using System.CommandLine;
using KisFeed.Capture;
using KisFeed.Cli.Hosting;

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

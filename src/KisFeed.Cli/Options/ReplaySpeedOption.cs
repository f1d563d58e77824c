using System.CommandLine;
using KisFeed.Replay;

namespace KisFeed.Cli.Options;

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

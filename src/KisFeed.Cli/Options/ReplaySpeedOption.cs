using KisFeed.Replay;

namespace KisFeed.Cli.Options;

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

using System.CommandLine;
using System.Globalization;

namespace KisFeed.Cli.Options;

/// <summary>How many times as fast as the clock a simulator's market goes.</summary>
internal static class MarketSpeed
{
    public static Option<double> Option()
    {
        var option = new Option<double>("--speed")
        {
            Description = "Minutes of market time in a minute, each with as many events as --rate says; heartbeats and timeouts stay as they are.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        option.CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var speed) && speed > 0 && double.IsFinite(speed))
                return speed;
            result.AddError($"'{text}' is not a valid speed. Use a number above 0, such as 60.");
            return 0;
        };
        return option;
    }
}

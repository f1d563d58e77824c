using System.CommandLine;
using System.Globalization;

namespace KisFeed.Cli.Options;

/// <summary>How many market events a second a simulator brings.</summary>
internal static class Rate
{
    private const string Unlimited = "max";

    public static Option<double> Option(string description)
    {
        var option = new Option<double>("--rate") { Description = description, HelpName = "N|max", DefaultValueFactory = _ => 50 };
        option.CustomParser = result =>
        {
            if (TryParse(result.Tokens[0].Value, out var rate))
                return rate;
            result.AddError($"'{result.Tokens[0].Value}' is not a valid rate. Use a number above 0, or {Unlimited}.");
            return 0;
        };
        return option;
    }

    /// <summary>Reads a number above 0, or <c>max</c> for as fast as the machine goes.</summary>
    public static bool TryParse(string text, out double rate)
    {
        rate = double.PositiveInfinity;
        return text.Equals(Unlimited, StringComparison.OrdinalIgnoreCase)
            || (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out rate) && rate > 0 && double.IsFinite(rate));
    }
}

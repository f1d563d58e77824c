using KisFeed.Simulator;
using KisFeed.Simulator.Market;

namespace KisFeed.Cli.Options;

/// <summary>Options of the commands that run a simulator.</summary>
internal static class SimulatorCommandOptions
{
    private const string Unlimited = "max";
    private const string Now = "now";

    private static readonly string[] s_timesOfDay = ["HH:mm", "HH:mm:ss"];

    /// <summary><c>--rate</c>: market events per second.</summary>
    public static Option<double> Rate(string description)
    {
        var option = new Option<double>("--rate") { Description = description, HelpName = "N|max", DefaultValueFactory = _ => SimulatorOptions.Default.Rate };
        option.CustomParser = result =>
        {
            if (TryParseRate(result.Tokens[0].Value, out var rate))
                return rate;
            result.AddError($"'{result.Tokens[0].Value}' is not a valid rate. Use a number above 0, or {Unlimited}.");
            return 0;
        };
        return option;
    }

    /// <summary><c>--speed</c>: how fast market time runs, as a multiple of real time.</summary>
    public static Option<double> Speed()
    {
        var option = new Option<double>("--speed")
        {
            Description = "The speed of market time, as a multiple of real time; --rate counts per second of market time. Heartbeats and timeouts do not change.",
            HelpName = "N",
            DefaultValueFactory = _ => SimulatorOptions.Default.Speed,
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

    /// <summary><c>--start</c>: the time of day at which the market starts.</summary>
    public static Option<TimeOnly?> Start(TimeProvider time)
    {
        var option = new Option<TimeOnly?>("--start")
        {
            Description = "The time of day at which the market starts; cumulative quantities include earlier trades. 'now' uses the current time in Korea, "
                + "so a restarted simulator continues the day; outside trading hours, trading hours repeat. [09:00, the opening]",
            HelpName = "HH:MM[:SS]|now",
        };
        option.CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (text.Equals(Now, StringComparison.OrdinalIgnoreCase))
                return MarketHours.TimeOfDayAt(time.GetUtcNow());
            if (TimeOnly.TryParseExact(text, s_timesOfDay, CultureInfo.InvariantCulture, DateTimeStyles.None, out var start) && start >= MarketHours.Opening && start < MarketHours.Close)
                return start;
            result.AddError($"'{text}' is not a valid start time. Use a time from {MarketHours.Opening:HH:mm} and before {MarketHours.Close:HH:mm}, e.g. 09:30, or {Now}.");
            return null;
        };
        return option;
    }

    /// <summary><c>--fault</c>: how the simulator misbehaves.</summary>
    public static Option<SimulatorFaults> Faults()
    {
        var width = SimulatorFaults.Kinds.Max(kind => kind.ToString().Length);
        var kinds = SimulatorFaults.Kinds.Select(kind => $"{kind.ToString().PadRight(width)}  {kind.Meaning}");
        var option = new Option<SimulatorFaults>("--fault")
        {
            Description = string.Join('\n', ["Inject a fault to test a client against; may be repeated:", .. kinds]),
            HelpName = "NAME[=VALUE]",
            Arity = ArgumentArity.OneOrMore,
        };
        option.CustomParser = result =>
        {
            if (!SimulatorFaults.TryParse(result.Tokens.Select(token => token.Value), out var faults, out var error))
                result.AddError($"{error}.");
            return faults;
        };
        option.CompletionSources.Add(_ => SimulatorFaults.Kinds.Select(kind => kind.ValueForm is null ? kind.Name : $"{kind.Name}="));
        return option;
    }

    // A number above 0, or max for as fast as the machine can.
    private static bool TryParseRate(string text, out double rate)
    {
        rate = double.PositiveInfinity;
        return text.Equals(Unlimited, StringComparison.OrdinalIgnoreCase)
            || (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out rate) && rate > 0 && double.IsFinite(rate));
    }
}

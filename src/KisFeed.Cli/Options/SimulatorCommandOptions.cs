using KisFeed.Simulator;
using KisFeed.Simulator.Market;

namespace KisFeed.Cli.Options;

/// <summary>Options of the commands that run a simulator or a replay.</summary>
internal static class SimulatorCommandOptions
{
    private const string Unlimited = "max";
    private const string Now = "now";
    private static readonly string[] s_timesOfDay = ["HH:mm", "HH:mm:ss"];

    public static Option<double> Rate(string description)
    {
        return ParsedOption.WithDefault<double>(
            "--rate", "N|max", description, SimulatorOptions.Default.Rate, TryParse,
            text => $"'{text}' is not a valid rate. Use a number above 0, or {Unlimited}.");

        static bool TryParse(string text, out double rate)
        {
            rate = double.PositiveInfinity;
            return text.Equals(Unlimited, StringComparison.OrdinalIgnoreCase) || ParsedOption.TryParseNumber(text, out rate);
        }
    }

    /// <summary><c>--speed</c> of a market: how fast its time runs, as a multiple of real time.</summary>
    public static Option<double> MarketSpeed() => ParsedOption.WithDefault<double>(
        "--speed",
        "N",
        "The speed of market time, as a multiple of real time; --rate counts per second of market time. "
            + "Heartbeats and timeouts do not change.",
        SimulatorOptions.Default.Speed,
        ParsedOption.TryParseNumber,
        text => $"'{text}' is not a valid speed. Use a number above 0, such as 60.");

    /// <summary><c>--speed</c> of a replay, as a multiple of the original.</summary>
    public static Option<double> ReplaySpeed(string description) => ParsedOption.WithDefault<double>(
        "--speed",
        "N|max",
        description,
        1,
        Simulator.Replay.ReplaySpeed.TryParse,
        text => $"'{text}' is not a valid speed. Use a number of at least 0.001, e.g. 1, 10 or 0.5, or max.");

    public static Option<int> Seed(int preset, string description = "The seed of the market: the same seed gives the same market.") =>
        new ValueOption<int>("--seed", "N", description) { DefaultValueFactory = _ => preset };

    public static Option<TimeOnly?> Start(TimeProvider time)
    {
        return ParsedOption.Create<TimeOnly>(
            "--start",
            "HH:MM[:SS]|now",
            "The time of day at which the market starts; cumulative quantities include earlier trades. "
                + "'now' uses the current time in Korea, "
                + "so a restarted simulator continues the day; outside trading hours, trading hours repeat. [09:00, the opening]",
            TryParse,
            text => $"'{text}' is not a valid start time. Use a time from {MarketHours.Opening:HH:mm} and before "
                + $"{MarketHours.Close:HH:mm}, e.g. 09:30, or {Now}.");

        bool TryParse(string text, out TimeOnly start)
        {
            start = MarketHours.TimeOfDayAt(time.GetUtcNow());
            return text.Equals(Now, StringComparison.OrdinalIgnoreCase)
                || (TimeOnly.TryParseExact(text, s_timesOfDay, CultureInfo.InvariantCulture, DateTimeStyles.None, out start)
                    && start >= MarketHours.Opening && start < MarketHours.Close);
        }
    }

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
}

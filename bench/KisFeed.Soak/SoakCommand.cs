using System.CommandLine;
using KisFeed.Soak.Gateways;
using KisFeed.Soak.Service;
using KisFeed.Wire;

namespace KisFeed.Soak;

/// <summary>The command line of the soak.</summary>
internal static class SoakCommand
{
    public static Task<int> RunAsync(string[] args)
    {
        var duration = Duration("Duration of faults and measurement.", TimeSpan.FromMinutes(20));
        var rate = new Option<double>("--rate")
        {
            Description = "Approximate average number of data frames per second; the actual number is measured.",
            HelpName = "N",
            DefaultValueFactory = _ => 5_000,
        };
        rate.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 50 and <= 100_000))
                result.AddError("--rate must be from 50 to 100000.");
        });
        var seed =
            new Option<int>("--seed") { Description = "Seed of the market and the faults.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var sessions = new Option<int>("--sessions")
        {
            Description = "Number of app keys, each with a session.",
            HelpName = "1..3",
            DefaultValueFactory = _ => 3,
        };
        sessions.AcceptOnlyFromAmong("1", "2", "3");
        var json = new Option<bool>("--json") { Description = "Print the figures as JSON." };
        var root = new RootCommand("Runs the client against a simulator with faults, checks that every loss is reported, "
            + "and measures its resource use.")
        {
            duration,
            rate,
            seed,
            sessions,
            json,
            GatewaySoakCommand.Create(),
            SimulateCommand.Create(),
            ServeGatewayCommand.Create(),
        };
        root.SetAction((arguments, _) => SoakRun.RunAsync(new SoakOptions
        {
            Duration = arguments.GetValue(duration),
            Rate = arguments.GetValue(rate),
            Seed = arguments.GetValue(seed),
            Sessions = arguments.GetValue(sessions),
            IsJson = arguments.GetValue(json),
        }));
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    /// <summary>The option for the duration of a soak.</summary>
    public static Option<TimeSpan> Duration(string description, TimeSpan usual) => new("--duration")
    {
        Description = description,
        HelpName = "30s|20m|8h",
        DefaultValueFactory = _ => usual,
        CustomParser = result => ParseDuration(result.Tokens[0].Value, result.AddError),
    };

    private static TimeSpan ParseDuration(string text, Action<string> addError)
    {
        if (!DurationText.TryParseTimer(text, out var duration))
            addError($"{DurationText.ProblemOf(text)}.");
        return duration;
    }
}

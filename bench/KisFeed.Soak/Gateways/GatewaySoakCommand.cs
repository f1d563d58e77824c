using System.CommandLine;

namespace KisFeed.Soak.Gateways;

/// <summary>The verb <c>gateway</c> of the soak.</summary>
internal static class GatewaySoakCommand
{
    public static Command Create()
    {
        var duration = SoakCommand.Duration("How long to make faults and measure.", TimeSpan.FromHours(2));
        var rate = new Option<double>("--rate") { Description = "Market events a second; at hundreds nearly each is a frame of its own.", HelpName = "N", DefaultValueFactory = _ => 250 };
        var consumers = new Option<int>("--consumers") { Description = "Consumers that come and go.", HelpName = "N", DefaultValueFactory = _ => 200 };
        var seed = new Option<int>("--seed") { Description = "What the market, the faults and the consumers come from.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var folder = new Option<string?>("--folder") { Description = "Keep the capture and the gateway's log in this folder, which must not be there yet. Default: a temporary one, which is removed.", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "Print the figures as JSON." };
        var command = new Command("gateway", "Runs the gateway with a recorder against a simulator that misbehaves, lets consumers of both protocols come and go, and measures what it takes.")
        {
            duration,
            rate,
            consumers,
            seed,
            folder,
            json,
        };
        command.SetAction((arguments, _) => GatewaySoakRun.RunAsync(new GatewaySoakOptions
        {
            Duration = arguments.GetValue(duration),
            Rate = arguments.GetValue(rate),
            Consumers = arguments.GetValue(consumers),
            Seed = arguments.GetValue(seed),
            Folder = arguments.GetValue(folder),
            IsJson = arguments.GetValue(json),
        }));
        return command;
    }
}

/// <summary>What a soak of the gateway is asked for.</summary>
internal sealed record GatewaySoakOptions
{
    /// <summary>How long faults are made and consumers come and go.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Market events a second. At hundreds nearly each is a frame of its own.</summary>
    public required double Rate { get; init; }

    /// <summary>Consumers that come and go.</summary>
    public required int Consumers { get; init; }

    public required int Seed { get; init; }

    /// <summary>How long nobody is there at the end, before it is looked at what is left.</summary>
    public TimeSpan Rest => Duration / 2 < s_longestRest ? Duration / 2 : s_longestRest;

    public bool IsJson { get; init; }

    /// <summary>Where the capture, the token file and the gateway's log go, and stay; <see langword="null"/> for a temporary folder that is removed.</summary>
    public string? Folder { get; init; }

    private static readonly TimeSpan s_longestRest = TimeSpan.FromMinutes(1);
}

/// <summary>What lies where in the folder of a soak of the gateway.</summary>
internal static class SoakFolder
{
    public static string TokensOf(string folder) => Path.Combine(folder, "tokens.json");

    public static string CaptureOf(string folder) => Path.Combine(folder, "capture");

    public static string LogOf(string folder) => Path.Combine(folder, "gateway.log");
}

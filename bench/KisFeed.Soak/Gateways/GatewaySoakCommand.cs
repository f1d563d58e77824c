using System.CommandLine;

namespace KisFeed.Soak.Gateways;

/// <summary>The command <c>gateway</c> of the soak.</summary>
internal static class GatewaySoakCommand
{
    public static Command Create()
    {
        var duration = SoakCommand.Duration("Duration of faults and measurement.", TimeSpan.FromHours(2));
        var rate = new Option<double>("--rate")
        {
            Description = "Market events per second; up to some hundreds nearly each is its own frame.",
            HelpName = "N",
            DefaultValueFactory = _ => 250,
        };
        var consumers = new Option<int>("--consumers")
        {
            Description = "Number of consumers that connect and disconnect.",
            HelpName = "N",
            DefaultValueFactory = _ => 200,
        };
        var seed = new Option<int>("--seed")
        {
            Description = "Seed of the market, the faults and the consumers.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var folder = new Option<string?>("--folder")
        {
            Description = "Keep the capture and the gateway's log in this folder, which must "
            + "not exist yet. [default: a temporary one, which is removed]",
            HelpName = "DIR"
        };
        var json = new Option<bool>("--json") { Description = "Print the figures as JSON." };
        var command = new Command("gateway", "Runs the gateway with a recorder against a simulator with faults and consumers of both "
            + "protocols that connect and disconnect, and measures its resource use.")
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

/// <summary>Paths in the folder of a soak of the gateway.</summary>
internal static class SoakFolder
{
    public static string TokensOf(string folder) => Path.Combine(folder, "tokens.json");

    public static string CaptureOf(string folder) => Path.Combine(folder, "capture");

    public static string LogOf(string folder) => Path.Combine(folder, "gateway.log");
}

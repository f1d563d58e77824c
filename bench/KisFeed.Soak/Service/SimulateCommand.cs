using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using KisFeed.Simulator;

namespace KisFeed.Soak.Service;

/// <summary>Serves the simulator. The soak starts it in its own process.</summary>
internal static class SimulateCommand
{
    public const string Name = "simulate";

    public static Command Create()
    {
        var port = new Option<int>("--port");
        var rate = new Option<double>("--rate");
        var seed = new Option<int>("--seed");
        var start = new Option<string>("--start") { Required = true };
        var command = new Command(Name) { port, rate, seed, start };
        command.Hidden = true;
        command.SetAction((arguments, _) => ServeAsync(new SimulatorOptions
        {
            Port = arguments.GetValue(port),
            Rate = arguments.GetValue(rate),
            Loop = true,
            Seed = arguments.GetValue(seed),
            StartAt = TimeOnly.ParseExact(arguments.GetRequiredValue(start), "HH:mm:ss", CultureInfo.InvariantCulture),
            Admin = true,
        }));
        return command;
    }

    // Signals of the terminal and of timeout(1) reach the whole process group while the soak still needs its simulator, which therefore
    // ignores them and ends with its input.
    private static async Task<int> ServeAsync(SimulatorOptions options)
    {
        using var sigint = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
        await using var server = await SimulatorServer.StartAsync(options);
        await Console.Out.WriteLineAsync($$"""{"port":{{server.Port}}}""");
        await Console.Out.FlushAsync();
        while (await Console.In.ReadLineAsync() is not null)
        {
            // Input is ignored.
        }

        return 0;
    }
}

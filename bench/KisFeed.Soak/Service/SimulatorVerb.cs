using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using KisFeed.Simulator;

namespace KisFeed.Soak.Service;

/// <summary>The simulator, as the soak runs itself to have it in a process of its own.</summary>
internal static class SimulatorVerb
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

    // Ctrl-C reaches every process of the terminal, and timeout(1) its whole group, when the soak still needs its simulator; it ends with the
    // input that the soak holds.
    private static async Task<int> ServeAsync(SimulatorOptions options)
    {
        using var sigint = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
        await using var server = await SimulatorServer.StartAsync(options);
        await Console.Out.WriteLineAsync(server.Port.ToString(CultureInfo.InvariantCulture));
        await Console.Out.FlushAsync();
        while (await Console.In.ReadLineAsync() is not null)
        {
            // Nothing is said to it.
        }

        return 0;
    }
}

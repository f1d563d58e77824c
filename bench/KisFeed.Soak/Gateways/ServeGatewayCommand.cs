using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Gateway;
using KisFeed.Soak.Gateways.Measures;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace KisFeed.Soak.Gateways;

/// <summary>Serves the gateway. The soak starts it in its own process. It answers each line of input with its resource use.</summary>
internal static class ServeGatewayCommand
{
    public const string Name = "serve-gateway";

    /// <summary>Requests the state of the runtime.</summary>
    public const string StateLine = "state";

    /// <summary>Requests the state of the runtime after a full collection.</summary>
    public const string CollectLine = "collect";

    /// <summary>The number of app keys, and of sessions upstream.</summary>
    public const int Sessions = 2;

    /// <summary>The queue of a connection in the broker's protocol: small, so that connections that are not read are closed.</summary>
    private const int QueueBytes = 64 * 1024;

    /// <summary>The grace period of keys without consumers: short, so that keys are registered and released upstream too.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var url = new Option<string>("--url") { Required = true };
        var folder = new Option<string>("--folder") { Required = true };
        var command = new Command(Name) { url, folder };
        command.Hidden = true;
        command.SetAction((arguments, _) => ServeAsync(new Uri(arguments.GetRequiredValue(url)), arguments.GetRequiredValue(folder)));
        return command;
    }

    // Ends with its input, which the soak holds open, like the simulator.
    private static async Task<int> ServeAsync(Uri url, string folder)
    {
        using var sigint = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
        using var log = LoggerFactory.Create(builder =>
        {
            builder.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat, console.ColorBehavior) =
                (true, "HH:mm:ss.fff ", LoggerColorBehavior.Disabled));
            builder.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        });
        await using var server = await GatewayServer.StartAsync(new GatewayOptions
        {
            Upstream = ClientOptions.For(Sessions, url, TimeProvider.System, log),
            Port = 0,
            TokenFile = SoakFolder.TokensOf(folder),
            Keep = [.. GatewayPlan.KeptKeys],
            Recording = new CaptureRecorderOptions
            {
                Writer = new CaptureWriterOptions { Directory = SoakFolder.CaptureOf(folder) },
                Notices = true,
                LoggerFactory = log,
            },
            ReleaseGrace = s_grace,
            MaxQueueBytes = QueueBytes,
            LoggerFactory = log,
        });
        await PrintAsync($$"""{"port":{{server.Port}}}""");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            await PrintAsync(
                JsonSerializer.Serialize(line == CollectLine ? RuntimeState.MeasureAfterCollection() : RuntimeState.Measure()));
        }
        await server.StopAsync();
        await PrintAsync(JsonSerializer.Serialize(RecorderFigures.Of(server.Status.Recording!)));
        return 0;
    }

    private static async Task PrintAsync(string line)
    {
        await Console.Out.WriteLineAsync(line);
        await Console.Out.FlushAsync();
    }
}

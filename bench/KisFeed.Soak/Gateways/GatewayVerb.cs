using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Gateway;
using KisFeed.Soak.Gateways.Measures;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace KisFeed.Soak.Gateways;

/// <summary>The gateway, as the soak runs itself to have it in a process of its own. It answers lines of its input with what it takes.</summary>
internal static class GatewayVerb
{
    public const string Name = "serve-gateway";

    /// <summary>Asks what the process takes.</summary>
    public const string StateLine = "state";

    /// <summary>Asks the same, once everything dead has been collected.</summary>
    public const string CollectLine = "collect";

    /// <summary>The app keys, and so sessions upstream.</summary>
    public const int Sessions = 2;

    /// <summary>What may wait for a connection in the broker's protocol: little, so that those that do not read are ended.</summary>
    private const int QueueBytes = 64 * 1024;

    /// <summary>How long a key stays registered that nobody wants: short, so that keys come and go upstream too.</summary>
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

    // It ends with the input that the soak holds, as the simulator does.
    private static async Task<int> ServeAsync(Uri url, string folder)
    {
        using var sigint = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
        using var log = LoggerFactory.Create(builder =>
        {
            builder.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat, console.ColorBehavior) = (true, "HH:mm:ss.fff ", LoggerColorBehavior.Disabled));
            builder.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        });
        await using var server = await GatewayServer.StartAsync(new GatewayOptions
        {
            Upstream = ClientOptions.For(Sessions, url, TimeProvider.System, log),
            Port = 0,
            TokenFile = SoakFolder.TokensOf(folder),
            Keep = [.. GatewayPlan.Kept],
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
        await SayAsync(server.Port.ToString(CultureInfo.InvariantCulture));
        while (await Console.In.ReadLineAsync() is { } line)
            await SayAsync(JsonSerializer.Serialize(line == CollectLine ? RuntimeState.TakeAfterCollection() : RuntimeState.Take()));
        await server.StopAsync();
        await SayAsync(JsonSerializer.Serialize(server.Status.Recording));
        return 0;
    }

    private static async Task SayAsync(string line)
    {
        await Console.Out.WriteLineAsync(line);
        await Console.Out.FlushAsync();
    }
}

using System.Text.Json;
using KisFeed.Capture.Tests;
using KisFeed.Cli.Tests.Running;

namespace KisFeed.Cli.Tests;

/// <summary>Runs the Python client of tests/interop, which shares no code with this project, against <c>kisfeed simulate</c> and <c>kisfeed replay</c>.</summary>
public sealed class InteropTests
{
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_client_in_another_language_is_served_as_the_protocol_says()
    {
        await using var simulator = ChildProcess.StartKisFeed("simulate", "--port", "0", "--rate", "500", "--format", "json");
        await RunClientAsync(simulator);
    }

    [Fact]
    public async Task A_client_in_another_language_is_served_from_a_capture_as_it_is_live()
    {
        using var folder = new CaptureFolder();
        await InteropCapture.RecordAsync(folder);
        await using var replay = ChildProcess.StartKisFeed("replay", folder.Path, "--port", "0", "--format", "json");
        await RunClientAsync(replay);
    }

    private static async Task RunClientAsync(ChildProcess server) =>
        await InteropClient.RunAsync(await ReadPortAsync(server), () => $"{server.Output}{server.Errors}");

    private static async Task<int> ReadPortAsync(ChildProcess server)
    {
        var line = await server.NextLineAsync(s_startLimit);
        line.ShouldNotBeNull($"kisfeed did not say its port: {server.Output}{server.Errors}");
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("port").GetInt32();
    }
}

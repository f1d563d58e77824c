using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.Simulator;
using KisFeed.Simulator.Replay;

namespace KisFeed.Cli.Tests;

/// <summary>Runs the Python client of tests/interop, which shares no code with this project, against a simulator and a replay.</summary>
public sealed class InteropTests
{
    // The client waits for two heartbeats, so the interval is shorter than the default.
    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_Python_client_is_served_according_to_the_protocol()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 500, HeartbeatInterval = s_heartbeat });
        await InteropClient.RunAsync(simulator.Port, () => "");
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task A_Python_client_is_served_from_a_capture_as_from_a_live_service()
    {
        using var folder = new CaptureFolder();
        await InteropCapture.RecordAsync(folder);
        await using var replay = await ReplayServer.StartAsync(
            new ReplayOptions { Capture = CaptureReader.Open(folder.Path), HeartbeatInterval = s_heartbeat });
        await InteropClient.RunAsync(replay.Port, () => "", "--lenient");
    }
}

using KisFeed.Cli.Tests.Running;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests;

/// <summary>Runs the Python client of tests/interop, which shares no code with this project, against a gateway.</summary>
public sealed class InteropTests
{
    // It registers more keys than one session of the service may have.
    [Fact]
    public async Task A_client_in_another_language_is_served_as_the_protocol_says()
    {
        const int Places = 200;
        await using var stage = await Stage.OpenAsync(
            new SimulatorOptions { Rate = 500, MaxRegistrations = Places },
            options => options with { HeartbeatInterval = TimeSpan.FromSeconds(2) }, // The client waits for two.
            upstream => upstream with { MaxRegistrations = Places });

        await InteropClient.RunAsync(stage.Gateway.Port, () => string.Join('\n', stage.Log.Entries), "--gateway", "--lenient");
    }
}

using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests;

/// <summary>Runs the Python client of tests/interop, which shares no code with this project, against a gateway.</summary>
public sealed class InteropTests
{
    // The client registers more keys than one session of the service allows.
    [Fact]
    public async Task A_client_in_another_language_is_served_according_to_the_protocol()
    {
        const int Slots = 200;
        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 500, MaxRegistrations = Slots },
            options => options with { HeartbeatInterval = TimeSpan.FromSeconds(2) }, // The client waits for two records.
            upstream => upstream with { MaxRegistrations = Slots });

        await InteropClient.RunAsync(testGateway.Gateway.Port, () => string.Join('\n', testGateway.Log.Entries), "--gateway", "--lenient");
    }
}

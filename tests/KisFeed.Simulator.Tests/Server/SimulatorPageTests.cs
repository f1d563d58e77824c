namespace KisFeed.Simulator.Tests.Server;

/// <summary>The access of web pages to a simulator and its faults.</summary>
public sealed class SimulatorPageTests : PageTests
{
    protected override async Task<(BrokerServer Server, Func<long> ApprovalKeysIssued)> StartAsync()
    {
        var server = await SimulatorServer.StartAsync(new SimulatorOptions { Admin = true, AllowedOrigins = ["https://feeds.example"] });
        return (server, () => server.Statistics.ApprovalKeysIssued);
    }

    protected override IEnumerable<string> OtherRequests(string headers) =>
    [
        $"GET /admin/faults HTTP/1.1\r\n{headers}\r\n",
        $"POST /admin/drop HTTP/1.1\r\n{headers}Content-Length: 0\r\n\r\n",
    ];
}

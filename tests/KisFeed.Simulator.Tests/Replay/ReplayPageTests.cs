using KisFeed.Capture;
using KisFeed.Simulator.Replay;
using KisFeed.Simulator.Tests.Server;

namespace KisFeed.Simulator.Tests.Replay;

/// <summary>The access of web pages to a replay.</summary>
public sealed class ReplayPageTests : PageTests, IDisposable
{
    private readonly CaptureFolder _folder = new();

    public ReplayPageTests()
    {
        using var writer = _folder.Write();
        writer.Write("H0UPCNT0", Ticks.Index(0, "0001"), Ticks.Opening);
        writer.Close();
    }

    public void Dispose() => _folder.Dispose();

    protected override async Task<(BrokerServer Server, Func<long> ApprovalKeysIssued)> StartAsync()
    {
        var server = await ReplayServer.StartAsync(
            new ReplayOptions { Capture = CaptureReader.Open(_folder.Path), AllowedOrigins = ["https://feeds.example"] });
        return (server, () => server.Statistics.ApprovalKeysIssued);
    }
}

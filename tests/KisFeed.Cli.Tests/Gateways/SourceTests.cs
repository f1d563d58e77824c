using KisFeed.Capture.Tests;
using Captured = KisFeed.Capture.Tests.Ticks;

namespace KisFeed.Cli.Tests.Gateways;

/// <summary>
/// A gateway reports the source of its data through a chain of gateways, although it knows only the address of its upstream.
/// </summary>
public sealed class SourceTests : IDisposable
{
    private static readonly HttpClient s_web = new();

    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_simulator_is_identified_through_two_gateways()
    {
        await using var service = await Service.StartAsync();
        await using var first = await StartAsync(service.Url);
        await using var second = await StartAsync(await AddressOfAsync(first, "websocket"));

        await ReportsSourceAsync(first, "simulation");
        await ReportsSourceAsync(second, "simulation");
    }

    [Fact]
    public async Task A_replay_is_identified_through_two_gateways()
    {
        using (var writer = _folder.Write())
        {
            for (var i = 0; i < 100; i++)
                writer.Write("H0UPCNT0", Captured.Index(i), Captured.Opening.AddMilliseconds(i * 100));
            writer.Close();
        }

        await using var replay = RunningCommand.Start(
            Service.VariablesFor("ws://127.0.0.1:1"), "replay", _folder.Path, "--port", "0", "--format", "json");
        await using var first = await StartAsync(await AddressOfAsync(replay, "websocket"));
        await using var second = await StartAsync(await AddressOfAsync(first, "websocket"));

        await ReportsSourceAsync(first, "replay");
        await ReportsSourceAsync(second, "replay");
    }

    private static async Task<RunningCommand> StartAsync(string upstream)
    {
        var gateway = RunningCommand.Start(
            Service.VariablesFor(upstream), "gateway", "--port", "0", "--format", "json", "--insecure-no-tokens");
        await gateway.WaitForOutputAsync(text => text.Contains('\n', StringComparison.Ordinal));
        return gateway;
    }

    private static async Task ReportsSourceAsync(RunningCommand gateway, string source)
    {
        var address = await AddressOfAsync(gateway, "rest");
        foreach (var page in (string[])["v1/status", "v1/dashboard"])
        {
            await Patience.UntilAsync(
                async () =>
                    JsonSerializer.Deserialize<JsonElement>(await s_web.GetStringAsync(new Uri($"{address}/{page}"))).GetProperty("source")
                        .GetString()
                    == source,
                page);
        }
    }

    private static async Task<string> AddressOfAsync(RunningCommand server, string name)
    {
        await server.WaitForOutputAsync(text => text.Contains('\n', StringComparison.Ordinal));
        return JsonSerializer.Deserialize<JsonElement>(server.Output).GetProperty(name).GetString()!;
    }
}

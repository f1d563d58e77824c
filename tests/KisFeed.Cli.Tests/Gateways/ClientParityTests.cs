using System.Net.WebSockets;
using KisFeed.Capture.Tests;

namespace KisFeed.Cli.Tests.Gateways;

/// <summary>A gateway process and simultaneous clients of every kind receive the same ticks.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class ClientParityTests(ITestOutputHelper report) : IDisposable
{
    private const int FewestTicks = 50;

    private static readonly string[] s_targets = ["H0UPCNT0:0001", "H0BJCNT0:KR103502GA34"];

    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_Python_client_watch_curl_and_a_WebSocket_receive_the_same_ticks()
    {
        await using var gateway = ProcessRunner.StartKisFeed(
            "gateway", "--simulate", "--rate", "500", "--port", "0", "--format", "json", "--insecure-no-tokens");
        var line = await gateway.ReadLineAsync(Patience.Limit);
        using var address = JsonDocument.Parse(line);
        var port = address.RootElement.GetProperty("port").GetInt32();
        var stream = $"127.0.0.1:{port}/v1/stream?names=kis&subscribe={string.Join(',', s_targets)}";

        await using var watch = ProcessRunner.StartKisFeed(
            Service.VariablesFor($"ws://127.0.0.1:{port}"), ["watch", .. s_targets, "--format", "json", "--names", "kis"]);
        await using var curl = ProcessRunner.Start("curl", ["--silent", "--show-error", "-N", $"http://{stream}"]);
        await using var python = await InteropClient.StartPrintingAsync(port, s_targets);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{stream}"), CancellationToken.None);
        using var enough = new CancellationTokenSource();
        var messages = ReadAsync(socket, enough.Token);
        foreach (var client in new[] { watch, curl, python })
            (await client.TryReadLineAsync(Patience.Limit)).ShouldNotBeNull($"{client.Errors}{gateway.Errors}");

        await InteropClient.RunAsync(port, () => gateway.Errors, "--gateway", "--lenient");
        foreach (var (client, signal) in new[] { (watch, "INT"), (curl, "TERM"), (python, "TERM") })
        {
            await client.SignalAsync(signal);
            await client.WaitForExitAsync(Patience.Limit);
        }

        await enough.CancelAsync();
        var clients = new (string Name, List<TickLine> Ticks)[]
        {
            ("watch", TicksIn(watch.Output.Split('\n'))),
            ("curl",
                TicksIn(curl.Output.Split('\n').Where(l => l.StartsWith("data: ", StringComparison.Ordinal))
                    .Select(l => l["data: ".Length..]))),
            ("Python", TicksIn(python.Output.Split('\n'))),
            ("WebSocket", TicksIn(await messages)),
        };
        foreach (var target in s_targets)
            Compare(target, [.. clients.Select(client => (client.Name, client.Ticks.FindAll(tick => tick.Target == target)))]);
    }

    // Ticks with equal volumes are skipped at the start and the end, because they cannot be distinguished there.
    private void Compare(string target, (string Name, List<TickLine> Ticks)[] clients)
    {
        foreach (var (name, ticks) in clients)
            ticks.ShouldNotBeEmpty($"{name} has nothing of {target}");
        var from = clients.Max(client => client.Ticks[0].Volume);
        var to = clients.Min(client => client.Ticks[^1].Volume);
        var common = clients.Select(client => client.Ticks.FindAll(tick => tick.Volume > from && tick.Volume < to)).ToList();
        report.WriteLine($"{target}: {string.Join(", ", clients.Select(client => $"{client.Name} {client.Ticks.Count}"))}, "
            + $"{common[0].Count} of them common");
        common[0].Count.ShouldBeGreaterThan(FewestTicks);
        for (var i = 1; i < clients.Length; i++)
        {
            var length = Math.Min(common[0].Count, common[i].Count);
            for (var k = 0; k < length; k++)
                common[i][k].Text.ShouldBe(common[0][k].Text, $"{target}, tick {k}: {clients[i].Name} and {clients[0].Name}");
            common[i].Count.ShouldBe(common[0].Count, $"{target}: {clients[i].Name} and {clients[0].Name}");
        }
    }

    private static List<TickLine> TicksIn(IEnumerable<string> lines) =>
        [.. lines.Where(line => line.StartsWith('{') && line.TrimEnd().EndsWith('}')).Select(TickLine.Of).OfType<TickLine>()];

    private static async Task<List<string>> ReadAsync(ClientWebSocket socket, CancellationToken enough)
    {
        var messages = new List<string>();
        var buffer = new byte[64 * 1024];
        try
        {
            for (var length = 0; ;)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(length), enough);
                length += part.Count;
                if (!part.EndOfMessage)
                    continue;
                messages.Add(Encoding.UTF8.GetString(buffer, 0, length));
                length = 0;
            }
        }
        catch (OperationCanceledException)
        {
            return messages;
        }
    }
}

using System.Text.Json;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests;

/// <summary>Programs that were written for earlier layouts read the values that were sent, if their address names the revision.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class EarlierClientsTests
{
    private static readonly string[] s_kinds = ["trades", "books", "notices"];
    private static readonly string[] s_clients = ["names:2025,single", "strict:2024", "stride:2024,single", "names:", "strict:", "stride:"];

    // At this rate most frames of trades and books have several records.
    private static readonly SimulatorOptions s_options = new() { Rate = 300 };

    [Fact]
    public async Task Parsers_of_earlier_layouts_lose_and_shift_nothing_with_their_revision()
    {
        await using var testGateway = await TestGateway.OpenAsync(
            s_options, upstream: upstream => upstream with { Environment = KisEnvironment.Simulator });

        ShouldNeedTheirRevision(await InteropClient.RunEarlierClientsAsync(testGateway.Gateway.Port, s_clients));
    }

    private static void ShouldNeedTheirRevision(IReadOnlyDictionary<string, JsonElement> read)
    {
        foreach (var client in s_clients.Where(client => !client.EndsWith(':')))
        {
            foreach (var kind in s_kinds)
            {
                var counts = Counts(client, kind);
                counts.Same.ShouldBePositive($"{client}: {read[client]}");
                counts.Different.ShouldBe(0, $"{client}: {read[client]}");
                counts.Lost.ShouldBe(0, $"{client}: {read[client]}");
            }
        }

        Counts("names:", "trades").Same.ShouldBe(0);
        Counts("names:", "books").Same.ShouldBe(0);
        foreach (var kind in s_kinds)
            Counts("strict:", kind).Same.ShouldBe(0);
        Counts("stride:", "trades").Different.ShouldBePositive();
        Counts("stride:", "notices").Same.ShouldBe(0);

        (int Same, int Different, int Lost) Counts(string client, string kind)
        {
            var counts = read[client].GetProperty(kind);
            return (counts.GetProperty("same").GetInt32(), counts.GetProperty("different").GetInt32(),
                counts.GetProperty("lost").GetInt32());
        }
    }
}

namespace KisFeed.Hostile.Tests.Peers;

/// <summary>Consumers whose network is cut: only TCP timeouts detect it, after a minute.</summary>
public sealed class VanishingPeerTests
{
    private const int Count = 20;

    [Fact]
    public async Task Consumers_with_a_cut_network_lose_their_registrations_and_queues()
    {
        TwoNetworks.Require();
        await using var networks = await TwoNetworks.OpenAsync();
        await networks.ConnectAsync(Count);
        var connected = await networks.StatusAsync();
        Holdings.Of(connected).ShouldBe((Count, 2 * Count, Count));
        var memory = await networks.MemoryAsync();

        await networks.CutAsync();
        await Holdings.EndedAsync(networks.StatusAsync);

        Holdings.QueuedBytesOf(await networks.StatusAsync()).ShouldBe(0);
        (await networks.MemoryAsync()).ShouldBeLessThan(
            2 * memory, "the runtime's warm-up takes up to half as much again as it had when the consumers connected");
    }
}

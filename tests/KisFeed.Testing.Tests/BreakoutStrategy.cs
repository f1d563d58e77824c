using KisFeed.Feeds;

namespace KisFeed.Testing.Tests;

/// <summary>The strategy of docs/testing.md.</summary>
public sealed class BreakoutStrategy(IKisFeedClient client, decimal limit)
{
    public List<string> Orders { get; } = [];

    public async Task RunAsync(string code, CancellationToken cancellationToken)
    {
        await using var trades = await client.SubscribeAsync(StockTrade.Krx, code, cancellationToken: cancellationToken);
        var holds = false;
        await foreach (var item in trades.ReadItemsAsync(cancellationToken))
        {
            // Blind is out: sell until there are data again.
            if (holds && item.Event is Interruption)
                Orders.Add("sell");
            else if (!holds && item.IsRecord && item.Record.Price > limit)
                Orders.Add($"buy at {item.Record.Price}");
            else
                continue;
            holds = !holds;
        }
    }
}

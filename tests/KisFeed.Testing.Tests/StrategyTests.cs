using KisFeed.Feeds;
using KisFeed.TestSupport;

namespace KisFeed.Testing.Tests;

/// <summary>A test as a user writes it. docs/testing.md has its text.</summary>
public sealed class StrategyTests
{
    [Fact]
    public async Task Sells_when_the_connection_is_lost()
    {
        await using var client = new InMemoryKisFeedClient();
        client.Publish(StockTrade.Krx, new StockTrade { Code = "005930", Price = 80_100 });
        client.Publish(StockTrade.Krx, new StockTrade { Code = "005930", Price = 80_300 });
        client.Interrupt();
        client.Publish(StockTrade.Krx, new StockTrade { Code = "005930", Price = 80_400 });
        client.Complete();

        var strategy = new BreakoutStrategy(client, limit: 80_200);
        await strategy.RunAsync("005930", TestContext.Current.CancellationToken);

        strategy.Orders.ShouldBe(["buy at 80300", "sell", "buy at 80400"]);
    }

    [Fact]
    public async Task Buys_once_while_it_holds()
    {
        await using var client = new InMemoryKisFeedClient();
        var strategy = new BreakoutStrategy(client, limit: 80_200);
        var running = strategy.RunAsync("005930", TestContext.Current.CancellationToken);

        client.Publish(StockTrade.Krx, new StockTrade { Code = "005930", Price = 80_300 });
        client.Publish(StockTrade.Krx, new StockTrade { Code = "005930", Price = 80_500 });
        await client.WaitUntilReadAsync(TestContext.Current.CancellationToken);

        strategy.Orders.ShouldBe(["buy at 80300"]);
        client.Complete();
        await running;
    }

    [Theory]
    [InlineData("BreakoutStrategy.cs", "public sealed class BreakoutStrategy")]
    [InlineData("StrategyTests.cs", "[Fact]")]
    public void The_document_has_this_code(string file, string begin)
    {
        var document = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "testing.md"));
        var code = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "tests", "KisFeed.Testing.Tests", file));
        var blocks = document.Split("```csharp\n")[1..].Select(block => block[..block.IndexOf("```", StringComparison.Ordinal)].TrimEnd());

        var block = blocks.Single(block => block.StartsWith(begin, StringComparison.Ordinal));

        Flat(code).ShouldContain(Flat(block));
    }

    private static string Flat(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()));
}

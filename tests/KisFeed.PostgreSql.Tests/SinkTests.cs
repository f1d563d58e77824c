using KisFeed.PostgreSql.Tests.Staging;

namespace KisFeed.PostgreSql.Tests;

/// <summary>A capture is stored completely, and continued where it was left.</summary>
[Collection(nameof(Database))]
public sealed class SinkTests(Database database) : SinkTest(database)
{
    [Fact]
    public async Task A_capture_is_stored_and_continued()
    {
        WriteIndexTrades(0, 1000);
        var first = await StoreAsync();
        WriteIndexTrades(1000, 500);
        var second = await StoreAsync();
        var third = await StoreAsync();

        (first.Records, second.Records, third.Records).ShouldBe((1000, 500, 0));
        (first.LagBytes, first.Failures, first.Problem).ShouldBe((0, 0, null));
        third.Feeds.ShouldHaveSingleItem().Records.ShouldBe(1500);
        await ShouldHaveIndexTradesAsync(1500);
    }
}

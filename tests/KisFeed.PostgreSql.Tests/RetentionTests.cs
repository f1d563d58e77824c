using KisFeed.Capture.Tests;
using KisFeed.PostgreSql.Tests.Staging;
using KisFeed.TestSupport;

namespace KisFeed.PostgreSql.Tests;

[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Database))]
public sealed class RetentionTests(Database database) : SinkTest(database)
{
    private const string Days = "SELECT trading_day::text FROM index_trade GROUP BY 1 ORDER BY 1";

    [Fact]
    public async Task Only_the_last_days_are_stored_and_kept()
    {
        var time = new ManualTimeProvider();
        time.GetUtcNow().ShouldBeInRange(Ticks.Opening, Ticks.Opening.AddHours(1));
        WriteDays();

        await StoreAsync(options => options with { KeepDays = 3, TimeProvider = time });
        (await QueryAsync(Days)).ShouldBe(["2026-11-18", "2026-11-19", "2026-11-20"]);

        time.Advance(TimeSpan.FromDays(1));
        (await StoreAsync(options => options with { KeepDays = 3, TimeProvider = time })).Records.ShouldBe(0);
        (await QueryAsync(Days)).ShouldBe(["2026-11-19", "2026-11-20"]);
        (await QueryAsync("SELECT relname::text FROM pg_class WHERE relname ~ '_20261118$' AND relkind = 'r' "
            + "AND relnamespace = current_schema()::regnamespace")).ShouldBeEmpty();
        (await QueryAsync("SELECT trading_day::text FROM key_day ORDER BY 1")).ShouldBe(["2026-11-19", "2026-11-20"]);
        (await QueryAsync("SELECT count(*) FROM checkpoint")).ShouldBe(["2"]);
        (await QueryAsync("SELECT key, accumulated_volume FROM index_trade_last")).ShouldBe(["0001|4"]);

        // Without a limit, the rest of the capture is stored too.
        (await StoreAsync()).Records.ShouldBe(3);
        (await QueryAsync(Days)).Length.ShouldBe(5);
    }

    private void WriteDays()
    {
        using var writer = Folder.Write();
        for (var day = 0; day < 5; day++)
            writer.Write("H0UPCNT0", Ticks.Index(day), Ticks.At(0).AddDays(day - 4));
        writer.Close();
    }
}

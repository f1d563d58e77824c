using System.Security.Cryptography;

namespace KisFeed.Simulator.Tests.Market;

public sealed class DeterminismTests
{
    private const string Index = "H0UPCNT0";

    private static readonly (string TrId, string Key)[] FiveFeeds =
    [
        (Index, "0001"), ("H0BJCNT0", "KR103502GA34"), ("H0NXPGM0", "005930"), ("H0UNPGM0", "005930"), ("H0IFCNI0", "HTSID"),
    ];

    private static readonly MarketOptions Options = new() { Seed = 11, Step = TimeSpan.FromSeconds(1) };

    [Fact]
    public void The_same_calls_produce_the_same_records() => Seeds.Check(10, seed => RunRandomly(seed).ShouldBe(RunRandomly(seed)));

    [Fact]
    public void Seeds_give_different_markets()
    {
        Record(1).ShouldNotBe(Record(2));
        Record(-1).ShouldNotBe(Record(1));

        static IEnumerable<string> Record(int seed) =>
            MarketRecorder.Run(new MarketOptions { Seed = seed }, 50, FiveFeeds).Entries.Select(t => t.Record);
    }

    // A seed reported by a user must produce the same market on every machine and in every release. A change of this hash breaks that.
    [Fact]
    public void The_records_of_a_seed_never_change()
    {
        var text = new StringBuilder();
        foreach (var (stream, record)
            in MarketRecorder.Run(new MarketOptions { Seed = 7, Step = TimeSpan.FromSeconds(3) }, 20_000, FiveFeeds).Entries)
        {
            text.Append(stream.TrId).Append('|').Append(record).Append('\n');
        }
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))
            .ShouldBe("74bd82b9f91cc99f9c890a52c4133d4b8a671ca9fd4436f7ac08ed9826d9bf96");
    }

    [Fact]
    public void Prices_do_not_depend_on_other_open_streams()
    {
        var alone = MarketRecorder.Run(Options, 4_000, (Index, "1001")).Records<IndexTrade>(Index, "1001");
        var withOthers = RunWithOthers().Records<IndexTrade>(Index, "1001");

        // Alone, it has a record every second; with others, only at some of them.
        withOthers.Count.ShouldBeGreaterThan(300);
        var prices = alone.ToDictionary(tick => tick.Time!.Value, tick => tick.Price);
        withOthers.ShouldAllBe(tick => tick.Price == prices[tick.Time!.Value]);
    }

    [Fact]
    public void Volumes_do_not_depend_on_other_open_streams()
    {
        ShouldStartWith(
            MarketRecorder.Run(Options, 2_000, ("H0NXPGM0", "005930")).Records<ProgramTrade>("H0NXPGM0", "005930")
                .Select(t => (t.BuyVolume, t.SellVolume)),
            RunWithOthers().Records<ProgramTrade>("H0NXPGM0", "005930").Select(t => (t.BuyVolume, t.SellVolume)));
        ShouldStartWith(
            MarketRecorder.Run(Options, 2_000, ("H0BJCNT0", "KR103502GA34")).Records<BondTrade>("H0BJCNT0", "KR103502GA34")
                .Select(t => (t.Volume, t.AccumulatedVolume)),
            RunWithOthers().Records<BondTrade>("H0BJCNT0", "KR103502GA34").Select(t => (t.Volume, t.AccumulatedVolume)));
        ShouldStartWith(
            MarketRecorder.Run(Options, 2_000, ("H0IFCNI0", "HTSID")).Records<OrderNotice>("H0IFCNI0", "HTSID")
                .Select(n => (n.OrderNumber, n.FillQuantity, n.Side)),
            RunWithOthers().Records<OrderNotice>("H0IFCNI0", "HTSID").Select(n => (n.OrderNumber, n.FillQuantity, n.Side)));

        static void ShouldStartWith<T>(IEnumerable<T> longer, IEnumerable<T> shorter)
        {
            var expected = shorter.ToArray();
            expected.Length.ShouldBeGreaterThan(100);
            longer.Take(expected.Length).ShouldBe(expected);
        }
    }

    private static MarketRecorder RunWithOthers() =>
        MarketRecorder.Run(Options, 4_000, [.. FiveFeeds, (Index, "1001"), ("H0STPGM0", "000660")]);

    // Opens, closes and steps randomly.
    private static List<string> RunRandomly(int seed)
    {
        var random = new SeededRandom(unchecked((ulong)seed));
        var market = new KoreanMarket(new MarketOptions { Seed = seed });
        var recorder = new MarketRecorder();
        var open = new List<MarketStream>();
        for (var i = 0; i < 2_000; i++)
        {
            if (random.Happens(0.05))
            {
                var (trId, key) = FiveFeeds[random.Next(0, FiveFeeds.Length - 1)];
                open.Add(market.Open(trId, key));
            }
            else if (open.Count > 0 && random.Happens(0.05))
            {
                var index = random.Next(0, open.Count - 1);
                market.Close(open[index]);
                open.RemoveAt(index);
            }

            market.TryStep(recorder).ShouldBe(open.Count > 0);
        }

        return [.. recorder.Entries.Select(t => $"{t.Stream.TrId} {t.Record}"), market.Now.ToString("O")];
    }
}

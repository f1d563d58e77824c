using KisFeed.Feeds;

namespace KisFeed.Benchmarks.Decode;

/// <summary>The sample of H0BJCNT0.</summary>
public class BondDecode : DecodeBenchmarks<BondTrade>
{
    private protected override DecodeWork<BondTrade> Work { get; } = new(BondTrade.Feed, Samples.Bond, [6, 7, 12], Samples.ReadAll);
}

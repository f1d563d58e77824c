using KisFeed.Feeds;

namespace KisFeed.Benchmarks.Decode;

/// <summary>The sample of H0UPCNT0.</summary>
public class IndexDecode : DecodeBenchmarks<IndexTrade>
{
    private protected override DecodeWork<IndexTrade> Work { get; } = new(IndexTrade.Feed, Samples.Index, [2, 4, 9], Samples.ReadAll);
}

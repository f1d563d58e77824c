using KisFeed.Feeds;

namespace KisFeed.Benchmarks.Decode;

/// <summary>The sample of H0IFCNI0, in plain form.</summary>
public class NoticeDecode : DecodeBenchmarks<OrderNotice>
{
    private protected override DecodeWork<OrderNotice> Work { get; } = new(OrderNotice.Feed, Samples.Notice, [8, 9, 15], Samples.ReadAll);
}

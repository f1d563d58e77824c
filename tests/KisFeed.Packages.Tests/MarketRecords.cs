using System.Text;
using KisFeed.Simulator.Market;

namespace KisFeed.Packages.Tests;

/// <summary>The records that a simulator sends of one key, from its market without server and client.</summary>
internal sealed class MarketRecords : IMarketSink
{
    private readonly List<string[]> _records = [];

    /// <summary>The texts of the columns of the first records.</summary>
    public static IReadOnlyList<string[]> Of(MarketOptions options, string trId, string key, int count)
    {
        var market = new KoreanMarket(options);
        market.Open(trId, key);
        var sink = new MarketRecords();
        while (sink._records.Count < count)
            market.TryStep(sink).ShouldBeTrue();
        return sink._records;
    }

    void IMarketSink.OnRecord(MarketStream stream, ReadOnlySpan<byte> record) =>
        _records.Add(Encoding.UTF8.GetString(record).Split('^'));
}

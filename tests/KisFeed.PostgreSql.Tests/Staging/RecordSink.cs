using System.Text;
using KisFeed.Simulator.Market;

namespace KisFeed.PostgreSql.Tests.Staging;

/// <summary>Receives the records of a simulated market, with their TR IDs.</summary>
internal sealed class RecordSink(Action<string, string> onRecord) : IMarketSink
{
    public void OnRecord(MarketStream stream, ReadOnlySpan<byte> record) => onRecord(stream.TrId, Encoding.UTF8.GetString(record));
}

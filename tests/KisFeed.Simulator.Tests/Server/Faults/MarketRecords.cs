namespace KisFeed.Simulator.Tests.Server.Faults;

/// <summary>The records of a stream that a test expects.</summary>
internal sealed class MarketRecords : IMarketSink
{
    private readonly List<string> _records = [];

    /// <summary>The first records of the only open stream of a market.</summary>
    public static IReadOnlyList<string> Of(int seed, string trId, string key, int count)
    {
        var market = new KoreanMarket(MarketOptions.Default with { Seed = seed });
        market.Open(trId, key);
        var sink = new MarketRecords();
        while (sink._records.Count < count)
            market.TryStep(sink).ShouldBeTrue();
        return [.. sink._records.Take(count)];
    }

    /// <summary>The records of a frame; <see langword="null"/> if it is not a frame of the feed with this number of columns.</summary>
    public static IReadOnlyList<string>? In(byte[] message, string trId, int columns)
    {
        if (!DataFrame.TryParse(message, out var frame, out _) || !frame.TrId.SequenceEqual(Encoding.ASCII.GetBytes(trId)))
            return null;
        var fields = Encoding.UTF8.GetString(frame.Payload).Split('^');
        return fields.Length == columns * frame.Count ? [.. fields.Chunk(columns).Select(record => string.Join('^', record))] : null;
    }

    public void OnRecord(MarketStream stream, ReadOnlySpan<byte> record) => _records.Add(Encoding.UTF8.GetString(record));
}

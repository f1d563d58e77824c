namespace KisFeed.Simulator.Tests.Market;

/// <summary>Records the output of a market and decodes it with the library.</summary>
internal sealed class MarketRecorder : IMarketSink
{
    private static readonly StringPool Texts = new();

    public List<(MarketStream Stream, string Record)> Entries { get; } = [];

    /// <summary>Opens streams on a new market and steps it the given number of times.</summary>
    public static MarketRecorder Run(MarketOptions options, int steps, params ReadOnlySpan<(string TrId, string Key)> streams)
    {
        var market = new KoreanMarket(options);
        foreach (var (trId, key) in streams)
            market.Open(trId, key);
        var recorder = new MarketRecorder();
        for (var i = 0; i < steps; i++)
            market.TryStep(recorder).ShouldBeTrue();
        return recorder;
    }

    public void OnRecord(MarketStream stream, ReadOnlySpan<byte> record) => Entries.Add((stream, Encoding.UTF8.GetString(record)));

    public IReadOnlyList<string> Raw(string trId, string key) =>
        [.. Entries.Where(t => t.Stream.TrId == trId && t.Stream.Key == key).Select(t => t.Record)];

    /// <summary>The decoded records of a stream. Fails if the library cannot decode one.</summary>
    public IReadOnlyList<TRecord> Records<TRecord>(string trId, string key)
        where TRecord : struct, IFeedRecord<TRecord> =>
        [.. Raw(trId, key).Select(raw => Decode<TRecord>(trId, raw))];

    public static TRecord Decode<TRecord>(string trId, string raw)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        DataFrame.TryParse(Encoding.UTF8.GetBytes($"0|{trId}|001|{raw}"), out var frame, out _).ShouldBeTrue();
        KisFeeds.Catalog.TryGet(Encoding.ASCII.GetBytes(trId), out var schema).ShouldBeTrue();
        schema!.TryResolve(frame, out var shape, out _).ShouldBeTrue();
        shape.IsUnknownWidth.ShouldBeFalse(raw);
        var reader = new RecordReader(frame, shape, new int[RecordReader.ScratchLength(shape)]);
        reader.MoveNext().ShouldBeTrue();
        TRecord.TryDecode(reader.Current, Texts, DateTimeOffset.UnixEpoch, out var record, out var error)
            .ShouldBeTrue($"{error.Kind} in {raw}");
        return record;
    }
}

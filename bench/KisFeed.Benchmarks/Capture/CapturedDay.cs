using System.Buffers;
using KisFeed.Capture;
using KisFeed.Simulator.Market;
using KisFeed.Wire;

namespace KisFeed.Benchmarks.Capture;

/// <summary>
/// Writes a trading day of the simulated market as a capture: indices, bonds and program trading, some frames of several records.
/// </summary>
/// <param name="writer">The writer; closed at the end.</param>
/// <param name="frames">The number of frames.</param>
/// <param name="seed">The seed of the market.</param>
/// <param name="keys">The keys; <see langword="null"/> for the listed instruments of the four feeds.</param>
internal sealed class CapturedDay(CaptureWriter writer, long frames, int seed, IEnumerable<(string TrId, string Key)>? keys = null)
    : IMarketSink
{
    private const int MaxRecords = 4;
    private const long StepsOfADay = 23_400_000;

    private static readonly string[] s_feeds = ["H0UPCNT0", "H0BJCNT0", "H0NXPGM0", "H0UNPGM0"];

    private readonly Dictionary<MarketStream, List<byte[]>> _waiting = [];
    private readonly ArrayBufferWriter<byte> _frame = new();
    private readonly Random _random = new(seed);
    private DateTimeOffset _now;

    public long Frames { get; private set; }

    public long Records { get; private set; }

    public void Write()
    {
        // All frames must fit into the trading hours of one day; an event has about one and a half records.
        var step = Math.Clamp(StepsOfADay / Math.Max(1, frames * 2), 1, 20);
        var market = new KoreanMarket(new MarketOptions { Seed = seed, Step = TimeSpan.FromMilliseconds(step) });
        var listed = s_feeds.SelectMany(
            trId => market.Instruments.Where(i => KoreanMarket.IsWellFormed(trId, i.Code)).Select(i => (trId, i.Code)));
        foreach (var (trId, key) in keys ?? listed)
            _waiting.Add(market.Open(trId, key), []);

        while (Frames < frames)
        {
            _now = market.Now;
            market.TryStep(this);
            if (writer.IsFull)
                writer.Flush();
        }

        foreach (var (stream, records) in _waiting)
            Send(stream, records);
        writer.Close();
    }

    public void OnRecord(MarketStream stream, ReadOnlySpan<byte> record)
    {
        var records = _waiting[stream];
        records.Add(record.ToArray());
        if (records.Count == MaxRecords || _random.Next(4) > 0)
            Send(stream, records);
    }

    private void Send(MarketStream stream, List<byte[]> records)
    {
        if (records.Count == 0)
            return;
        _frame.ResetWrittenCount();
        FrameWriter.WriteHeader(_frame, encrypted: false, stream.TrId, records.Count);
        for (var i = 0; i < records.Count; i++)
        {
            if (i > 0)
                _frame.Write("^"u8);
            _frame.Write(records[i]);
        }

        writer.Write(stream.TrId, _frame.WrittenSpan, _now.ToUniversalTime());
        Frames++;
        Records += records.Count;
        records.Clear();
    }
}

using System.Buffers;
using System.Text;
using KisFeed.Feeds;
using KisFeed.Simulator.Market;

namespace KisFeed.Simulator;

/// <summary>
/// Applies faults to records: appends columns, and changes the spelling of the customer in order notices. The faults are read at the start
/// of a turn, so that all records of a frame have the same width.
/// </summary>
internal sealed class RecordFaultSink(IMarketSink sink, FaultController faults) : IMarketSink
{
    private readonly ArrayBufferWriter<byte> _changed = new();
    private SimulatorFaults _faults = SimulatorFaults.None;

    /// <summary>Reads the current faults. Call it while no record is pending.</summary>
    public void BeginTurn() => _faults = faults.Current;

    public void OnRecord(MarketStream stream, ReadOnlySpan<byte> record)
    {
        var swapsCase = _faults.OtherCustomer && IsNotice(stream);
        if (_faults.GrowColumns == 0 && !swapsCase)
        {
            sink.OnRecord(stream, record);
            return;
        }

        _changed.ResetWrittenCount();
        if (swapsCase)
        {
            // The customer is the first column.
            _changed.Write(Encoding.UTF8.GetBytes($"{SwapCase(stream.Key)} "));
            record = record[record.IndexOf((byte)'^')..];
        }

        _changed.Write(record);
        for (var i = 0; i < _faults.GrowColumns; i++)
            _changed.Write("^0"u8);
        sink.OnRecord(stream, _changed.WrittenSpan);
    }

    private static bool IsNotice(MarketStream stream) => KisFeeds.Catalog.TryFind(stream.TrId, out var feed) && feed.IsNotice;

    private static string SwapCase(string htsId) =>
        string.Concat(htsId.Select(static c => char.IsAsciiLetterLower(c) ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c)));
}

using System.Buffers;
using System.Text;
using KisFeed.Feeds;
using KisFeed.Simulator.Market;

namespace KisFeed.Simulator.Server;

/// <summary>
/// Changes records on their way as the faults say that are in force when the turn begins: the records of a frame are of one width. Appends columns, and spells the customer of order notices otherwise.
/// </summary>
internal sealed class RecordFaultSink(IMarketSink sink, FaultController faults) : IMarketSink
{
    private readonly ArrayBufferWriter<byte> _changed = new();
    private SimulatorFaults _faults = SimulatorFaults.None;

    /// <summary>Looks what the faults say now. To be called while no record waits for its frame.</summary>
    public void BeginTurn() => _faults = faults.Current;

    public void OnRecord(MarketStream stream, ReadOnlySpan<byte> record)
    {
        var isRespelled = _faults.OtherCustomer && IsNotice(stream);
        if (_faults.GrowColumns == 0 && !isRespelled)
        {
            sink.OnRecord(stream, record);
            return;
        }

        _changed.ResetWrittenCount();
        if (isRespelled)
        {
            // The customer is the first column.
            _changed.Write(Encoding.UTF8.GetBytes($"{Respell(stream.Key)} "));
            record = record[record.IndexOf((byte)'^')..];
        }

        _changed.Write(record);
        for (var i = 0; i < _faults.GrowColumns; i++)
            _changed.Write("^0"u8);
        sink.OnRecord(stream, _changed.WrittenSpan);
    }

    private static bool IsNotice(MarketStream stream) => stream.TrId == OrderNotice.Feed.TrId || stream.TrId == OrderNotice.Feed.Schema.MockTrId;

    private static string Respell(string htsId) => string.Concat(htsId.Select(static c => char.IsAsciiLetterLower(c) ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c)));
}

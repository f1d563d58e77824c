using System.Buffers;
using KisFeed.Simulator.Market;

namespace KisFeed.Simulator.Server;

/// <summary>
/// Appends columns to every record on its way, as many as the faults in force said when the turn began: the records of a frame are of one width.
/// </summary>
internal sealed class WideningSink(IMarketSink sink, FaultSwitch faults) : IMarketSink
{
    private readonly ArrayBufferWriter<byte> _wide = new();
    private int _columns;

    /// <summary>Looks what the faults say now. To be called while no record waits for its frame.</summary>
    public void BeginTurn() => _columns = faults.Current.GrowColumns;

    public void OnRecord(MarketStream stream, ReadOnlySpan<byte> record)
    {
        if (_columns == 0)
        {
            sink.OnRecord(stream, record);
            return;
        }

        _wide.ResetWrittenCount();
        _wide.Write(record);
        for (var i = 0; i < _columns; i++)
            _wide.Write("^0"u8);
        sink.OnRecord(stream, _wide.WrittenSpan);
    }
}

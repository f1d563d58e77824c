using System.Buffers;
using KisFeed.Simulator.Market;

namespace KisFeed.Simulator.Server;

/// <summary>Appends columns to every record on its way, as many as the faults in force say.</summary>
internal sealed class WideningSink(IMarketSink sink, FaultSwitch faults) : IMarketSink
{
    private readonly ArrayBufferWriter<byte> _wide = new();

    public void OnRecord(MarketStream stream, ReadOnlySpan<byte> record)
    {
        var columns = faults.Current.GrowColumns;
        if (columns == 0)
        {
            sink.OnRecord(stream, record);
            return;
        }

        _wide.ResetWrittenCount();
        _wide.Write(record);
        while (columns-- > 0)
            _wide.Write("^0"u8);
        sink.OnRecord(stream, _wide.WrittenSpan);
    }
}

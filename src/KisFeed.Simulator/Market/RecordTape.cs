using System.Buffers;
using KisFeed.Wire;

namespace KisFeed.Simulator.Market;

/// <summary>Where an instrument writes what has happened.</summary>
internal readonly struct RecordTape(ArrayBufferWriter<byte> buffer, IMarketSink sink)
{
    /// <summary>Encodes a record and hands it to the sink, if the stream is open.</summary>
    public void Tell<TRecord>(MarketStream stream, in TRecord record)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        if (!stream.IsOpen)
            return;
        buffer.ResetWrittenCount();
        TRecord.Encode(in record, buffer);
        sink.OnRecord(stream, buffer.WrittenSpan);
    }
}

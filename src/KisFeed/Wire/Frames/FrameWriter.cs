using System.Buffers;
using System.Globalization;
using System.Text;

namespace KisFeed.Wire;

/// <summary>Writes data frames as the broker does.</summary>
public static class FrameWriter
{
    /// <summary>Writes what precedes the payload: <c>flag|TR_ID|count|</c>, the count in three digits or more.</summary>
    public static void WriteHeader(IBufferWriter<byte> output, bool encrypted, string trId, int count)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(trId);
        output.Write(encrypted ? "1|"u8 : "0|"u8);
        var text = output.GetSpan(trId.Length);
        output.Advance(Encoding.ASCII.GetBytes(trId, text));
        output.Write("|"u8);
        text = output.GetSpan(12);
        _ = count.TryFormat(text, out var length, "D3", CultureInfo.InvariantCulture);
        output.Advance(length);
        output.Write("|"u8);
    }

    /// <summary>Writes a plain frame of records.</summary>
    public static void Write<TRecord>(IBufferWriter<byte> output, string trId, params ReadOnlySpan<TRecord> records)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        WriteHeader(output, false, trId, records.Length);
        for (var i = 0; i < records.Length; i++)
        {
            if (i > 0)
                output.Write("^"u8);
            TRecord.Encode(in records[i], output);
        }
    }
}

using System.Buffers;
using System.Globalization;
using System.Text;

namespace KisFeed.Wire;

/// <summary>Writes data frames as the broker does.</summary>
internal static class FrameWriter
{
    /// <summary>Writes the header, <c>flag|TR_ID|count|</c>, with a count of at least three digits.</summary>
    /// <exception cref="ArgumentException">The TR ID or the count is not valid in a frame.</exception>
    public static void WriteHeader(IBufferWriter<byte> output, bool encrypted, string trId, int count)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (!DataFrame.IsTrId(trId))
            throw new ArgumentException("a TR ID must be 1 to 16 letters and digits", nameof(trId));
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, DataFrame.MaxCount);
        output.Write(encrypted ? "1|"u8 : "0|"u8);
        var text = output.GetSpan(trId.Length);
        output.Advance(Encoding.ASCII.GetBytes(trId, text));
        output.Write("|"u8);
        text = output.GetSpan(12);
        _ = count.TryFormat(text, out var length, "D3", CultureInfo.InvariantCulture);
        output.Advance(length);
        output.Write("|"u8);
    }

    /// <summary>Writes the header of a frame with another count, in as many digits: their number differs between frames.</summary>
    public static void WriteHeader(IBufferWriter<byte> output, in DataFrame frame, int count)
    {
        var header = frame.Bytes[..frame.PayloadOffset];
        var written = output.GetSpan(header.Length);
        header.CopyTo(written);
        for (var i = header.Length - 2; written[i] != (byte)'|'; i--, count /= 10)
            written[i] = (byte)('0' + (count % 10));
        output.Advance(header.Length);
    }

    /// <summary>Writes an unencrypted frame of records.</summary>
    /// <exception cref="ArgumentException">
    /// There are no records, they differ in the number of extra columns, or one contains text that a frame cannot carry.
    /// </exception>
    public static void Write<TRecord>(IBufferWriter<byte> output, string trId, params ReadOnlySpan<TRecord> records)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        if (records.IsEmpty)
            throw new ArgumentException("a frame must have at least one record", nameof(records));
        WriteHeader(output, false, trId, records.Length);
        var width = records[0].Extra.WireWidth(TRecord.Columns.Length);
        var payload = new ArrayBufferWriter<byte>();
        for (var i = 0; i < records.Length; i++)
        {
            if (i > 0)
                payload.Write("^"u8);
            if (records[i].Extra.WireWidth(TRecord.Columns.Length) != width)
                throw new ArgumentException("the records of one frame must have the same number of columns", nameof(records));
            TRecord.Encode(in records[i], payload);
        }

        output.Write(payload.WrittenSpan);

        // Readers ignore line ends after a frame. One that belongs to the last text is kept by a final separator.
        if (DataFrame.EndsWithLineEnd(payload.WrittenSpan))
            output.Write("^"u8);
    }
}

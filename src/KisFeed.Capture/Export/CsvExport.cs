using System.Buffers;
using System.Buffers.Text;
using System.Text;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Capture.Export;

/// <summary>Writes the records of one feed as CSV. Other items are ignored.</summary>
internal sealed class CsvExport : IExportWriter
{
    private const int MaxNumberLength = 20;

    private readonly byte[] _trId;
    private readonly RecordCsv _csv;
    private readonly ExchangeClock _clock = new();

    public CsvExport(FeedSchema feed, NameStyle names, bool escapesFormulas)
    {
        _trId = Encoding.ASCII.GetBytes(feed.TrId);
        _csv = new RecordCsv(feed, names) { EscapesFormulas = escapesFormulas };
        foreach (var name in ExportColumns.Names(names))
        {
            RecordCsv.WriteText(Text, Encoding.UTF8.GetBytes(name));
            Text.Write(","u8);
        }

        _csv.WriteHeader(Text);
        Text.Write(RecordCsv.LineEnd);
    }

    public ArrayBufferWriter<byte> Text { get; } = new(1 << 17);

    public void WriteRecord(FeedSchema feed, ReadOnlySpan<byte> key, int frame, in RecordFields fields, DateTimeOffset receivedAt)
    {
        var room = Text.GetSpan(ExchangeClock.ReceiptLength + ExchangeClock.ExchangeLength + _trId.Length + 3);
        ExchangeClock.WriteReceipt(room, receivedAt);
        var length = ExchangeClock.ReceiptLength;
        room[length++] = (byte)',';
        if (_clock.TryWriteExchange(room[length..], feed, fields, receivedAt))
            length += ExchangeClock.ExchangeLength;
        room[length++] = (byte)',';
        _trId.CopyTo(room[length..]);
        length += _trId.Length;
        room[length++] = (byte)',';
        Text.Advance(length);

        RecordCsv.WriteText(Text, key, _csv.EscapesFormulas);
        WriteNumber(frame);
        WriteNumber(fields.Record + 1);
        Text.Write(","u8);

        _csv.WriteRow(Text, fields);
        Text.Write(RecordCsv.LineEnd);
    }

    public void WriteGap(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap)
    {
    }

    public void WriteInterruption(CaptureEvent captureEvent)
    {
    }

    public void WriteMalformed(
        FeedSchema? feed, ReadOnlySpan<byte> key, DateTimeOffset receivedAt, in FrameError error, ReadOnlySpan<byte> raw)
    {
    }

    public void WriteProblem(CaptureProblem problem)
    {
    }

    private void WriteNumber(int number)
    {
        var room = Text.GetSpan(MaxNumberLength + 1);
        room[0] = (byte)',';
        _ = Utf8Formatter.TryFormat(number, room[1..], out var length);
        Text.Advance(length + 1);
    }
}

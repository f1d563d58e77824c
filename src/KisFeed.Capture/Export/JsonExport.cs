using System.Buffers;
using System.Text;
using System.Text.Json;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Capture.Export;

/// <summary>Writes records as JSON, one object per line, with gaps, interruptions and unreadable data in their places.</summary>
internal sealed class JsonExport : IExportWriter, IDisposable
{
    private readonly NameStyle _names;
    private readonly string _receivedAt;
    private readonly string _exchangeTime;
    private readonly ExchangeClock _clock = new();
    private readonly Utf8JsonWriter _json;

    public JsonExport(NameStyle names)
    {
        _names = names;
        _receivedAt = ExportColumns.ReceivedAt(names);
        _exchangeTime = ExportColumns.ExchangeTime(names);
        _json = new Utf8JsonWriter(Text, RecordJson.WriterOptions with { SkipValidation = true });
    }

    public ArrayBufferWriter<byte> Text { get; } = new(1 << 17);

    public void WriteRecord(FeedSchema feed, ReadOnlySpan<byte> key, int frame, in RecordFields fields, DateTimeOffset receivedAt)
    {
        Span<byte> time = stackalloc byte[ExchangeClock.ReceiptLength];
        _json.WriteStartObject();
        WriteReceipt(_receivedAt, receivedAt);
        if (_clock.TryWriteExchange(time, feed, fields, receivedAt))
            _json.WriteString(_exchangeTime, time[..ExchangeClock.ExchangeLength]);
        else
            _json.WriteNull(_exchangeTime);
        WriteSubject(feed, key);
        _json.WriteNumber(ExportColumns.Frame, frame);
        _json.WriteNumber(ExportColumns.Record, fields.Record + 1);
        RecordJson.WriteMembers(_json, feed, fields, _names);
        End();
    }

    public void WriteGap(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap)
    {
        _json.WriteStartObject();
        _json.WriteStartObject("gap"u8);
        WriteSubject(feed, key);
        WriteReceipt("from", gap.From);
        WriteReceipt("to", gap.To);
        WriteReason(gap.Reason);
        WriteCount("frames", gap.Frames);
        WriteCount(_names == NameStyle.Kis ? "missed_volume" : "missedVolume", gap.MissedVolume);
        _json.WriteEndObject();
        End();
    }

    public void WriteInterruption(CaptureEvent captureEvent)
    {
        _json.WriteStartObject();
        _json.WriteStartObject("interruption"u8);
        _json.WriteString(ExportColumns.Feed, captureEvent.TrId);
        _json.WriteString(ExportColumns.Key, captureEvent.Key);
        WriteReceipt("at", captureEvent.At);
        WriteReason(captureEvent.Reason ?? GapReason.ConnectionLost);
        _json.WriteEndObject();
        End();
    }

    public void WriteMalformed(
        FeedSchema? feed, ReadOnlySpan<byte> key, DateTimeOffset receivedAt, in FrameError error, ReadOnlySpan<byte> raw)
    {
        _json.WriteStartObject();
        _json.WriteString("error"u8, error.ToString());
        _json.WriteString(ExportColumns.Feed, feed?.TrId);
        if (key.IsEmpty)
            _json.WriteNull(ExportColumns.Key);
        else
            _json.WriteString(ExportColumns.Key, Encoding.UTF8.GetString(key));
        WriteReceipt(_receivedAt, receivedAt);
        FrameErrorJson.Write(_json, error);
        FrameErrorJson.WriteRaw(_json, raw);
        End();
    }

    public void WriteProblem(CaptureProblem problem)
    {
        _json.WriteStartObject();
        _json.WriteString("problem"u8, problem.Message);
        _json.WriteString("kind"u8, JsonName.Of(problem.Kind));
        _json.WriteString("file"u8, problem.Path);
        WriteCount("line", problem.Line);
        WriteCount("offset", problem.Offset);
        End();
    }

    public void Dispose() => _json.Dispose();

    private void WriteSubject(FeedSchema feed, ReadOnlySpan<byte> key)
    {
        _json.WriteString(ExportColumns.Feed, feed.TrId);
        _json.WriteString(ExportColumns.Key, key);
    }

    private void WriteReceipt(string name, DateTimeOffset? at)
    {
        if (at is not { } moment)
        {
            _json.WriteNull(name);
            return;
        }

        Span<byte> text = stackalloc byte[ExchangeClock.ReceiptLength];
        ExchangeClock.WriteReceipt(text, moment);
        _json.WriteString(name, text);
    }

    private void WriteReason(GapReason reason) => _json.WriteString("reason"u8, JsonName.Of(reason));

    private void WriteCount(string name, long? count)
    {
        if (count is { } number)
            _json.WriteNumber(name, number);
        else
            _json.WriteNull(name);
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        Text.Write("\n"u8);
    }
}

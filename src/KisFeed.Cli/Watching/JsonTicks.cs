using System.Buffers;

namespace KisFeed.Cli.Watching;

/// <summary>Writes records and events as JSON, one object per line.</summary>
internal sealed class JsonTicks(Stream output, NameStyle names) : ITickOutput
{
    private readonly JsonLines _lines = new(output);

    public void WriteRecord(WatchTarget target, DateTimeOffset receivedAt, scoped RecordFields fields)
    {
        ItemJson.WriteRecord(_lines.Begin(), target.Feed, target.Key, receivedAt, fields, names);
        _lines.End();
    }

    public void WriteGap(WatchTarget target, Gap gap)
    {
        ItemJson.WriteGap(_lines.Begin(), target.Feed, target.Key, gap, names);
        _lines.End();
    }

    public void WriteInterruption(WatchTarget target, Interruption interruption)
    {
        ItemJson.WriteInterruption(_lines.Begin(), target.Feed, target.Key, interruption, names);
        _lines.End();
    }

    public void WriteLive(WatchTarget target, LiveBegins live)
    {
        ItemJson.WriteLive(_lines.Begin(), target.Feed, target.Key, live, names);
        _lines.End();
    }

    public void WriteMalformed(WatchTarget target, DateTimeOffset receivedAt, FrameError error, scoped ReadOnlySpan<byte> raw)
    {
        var json = _lines.Begin();
        ItemJson.WriteError(json, target.Feed.TrId, target.Key, receivedAt, error, names);
        FrameErrorJson.WriteRaw(json, raw);
        _lines.End();
    }

    public ValueTask FlushAsync() => _lines.FlushAsync(CancellationToken.None);

    public ValueTask DisposeAsync()
    {
        _lines.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Writes the records of one feed as CSV. Events are written to standard error.</summary>
internal sealed class CsvTicks : ITickOutput
{
    private const int InitialCapacity = 1 << 16;

    private readonly CommandHost _host;
    private readonly Stream _output;
    private readonly FeedSchema _feed;
    private readonly byte[] _trId;
    private readonly RecordCsv _csv;
    private readonly ArrayBufferWriter<byte> _text = new(InitialCapacity);

    public CsvTicks(CommandHost host, FeedSchema feed, NameStyle names)
    {
        _host = host;
        _output = host.DataOutput;
        _feed = feed;
        _csv = new RecordCsv(feed, names);
        _trId = Encoding.ASCII.GetBytes(feed.TrId);
        _text.Write(names == NameStyle.Kis ? "tr_id,tr_key,received_at,timestamp,"u8 : "trId,key,receivedAt,timestamp,"u8);
        _csv.WriteHeader(_text);
        _text.Write(RecordCsv.LineEnd);
    }

    public void WriteRecord(WatchTarget target, DateTimeOffset receivedAt, scoped RecordFields fields)
    {
        _text.Write(_trId);
        Separate();
        RecordCsv.WriteText(_text, Encoding.UTF8.GetBytes(target.Key));
        Separate();
        TimeText.WriteTime(_text.GetSpan(TimeText.TimeLength), receivedAt);
        _text.Advance(TimeText.TimeLength);
        Separate();
        WriteExchangeTime(ExchangeTime.Of(_feed, fields, receivedAt));
        Separate();
        _csv.WriteRow(_text, fields);
        _text.Write(RecordCsv.LineEnd);
    }

    public void WriteGap(WatchTarget target, Gap gap) => _host.Error.WriteLine($"kisfeed: gap: {EventText.Of(target, gap)}");

    public void WriteInterruption(WatchTarget target, Interruption interruption)
    {
    }

    public void WriteLive(WatchTarget target, LiveBegins live) => _host.Error.WriteLine($"kisfeed: {EventText.Of(target, live)}");

    public void WriteMalformed(WatchTarget target, DateTimeOffset receivedAt, FrameError error, scoped ReadOnlySpan<byte> raw) =>
        _host.Error.WriteLine($"kisfeed: malformed: {EventText.Of(target, error)}");

    public async ValueTask FlushAsync()
    {
        if (_text.WrittenCount == 0)
            return;
        await _output.WriteAsync(_text.WrittenMemory);
        await _output.FlushAsync();
        _text.ResetWrittenCount();
    }

    public ValueTask DisposeAsync() => FlushAsync();

    private void Separate() => _text.Write(","u8);

    private void WriteExchangeTime(DateTimeOffset? time)
    {
        if (time is not { } known)
            return;
        TimeText.WriteExchangeTime(_text.GetSpan(TimeText.ExchangeTimeLength), known);
        _text.Advance(TimeText.ExchangeTimeLength);
    }
}

using System.Buffers;

namespace KisFeed.Cli.Watching;

/// <summary>Writes the records of one feed as CSV. Events are written to standard error.</summary>
internal sealed class CsvTicks : LineOutput<TickItem>
{
    private readonly CommandHost _host;
    private readonly FeedSchema _feed;
    private readonly byte[] _trId;
    private readonly RecordCsv _csv;

    public CsvTicks(TickContext context)
        : base(context.Host.DataOutput)
    {
        if (context.Targets.Any(target => target.Feed != context.Targets[0].Feed))
        {
            throw new CommandException(UiText.Of(
                "CSV has one header and so holds one feed: run one 'kisfeed watch' per feed, or use --format json",
                "CSV는 머리글이 하나여서 피드 하나만 담습니다. 피드마다 'kisfeed watch'를 따로 실행하거나 --format json을 쓰세요"));
        }
        _host = context.Host;
        _feed = context.Targets[0].Feed;
        _csv = new RecordCsv(_feed, context.Names);
        _trId = Encoding.ASCII.GetBytes(_feed.TrId);
        Lines.Bytes.Write(context.Names == NameStyle.Kis ? "tr_id,tr_key,received_at,timestamp,"u8 : "trId,key,receivedAt,timestamp,"u8);
        _csv.WriteHeader(Lines.Bytes);
        Lines.Bytes.Write(RecordCsv.LineEnd);
    }

    public override void Write(scoped TickItem item)
    {
        if (item.Event is { } happened)
        {
            WriteEvent(item.Target, happened);
            return;
        }

        Lines.Bytes.Write(_trId);
        Separate();
        RecordCsv.WriteText(Lines.Bytes, Encoding.UTF8.GetBytes(item.Target.Key));
        Separate();
        TimeText.WriteTime(Lines.Bytes.GetSpan(TimeText.TimeLength), item.ReceivedAt);
        Lines.Bytes.Advance(TimeText.TimeLength);
        Separate();
        WriteExchangeTime(ExchangeTime.Of(_feed, item.Fields, item.ReceivedAt));
        Separate();
        _csv.WriteRow(Lines.Bytes, item.Fields);
        Lines.Bytes.Write(RecordCsv.LineEnd);
    }

    private void WriteEvent(WatchTarget target, FeedEvent happened)
    {
        if (EventText.Of(target, happened) is { } text)
            _host.Error.WriteLine($"kisfeed: {happened switch { Gap => "gap: ", MalformedFrame => "malformed: ", _ => "" }}{text}");
    }

    private void Separate() => Lines.Bytes.Write(","u8);

    private void WriteExchangeTime(DateTimeOffset? time)
    {
        if (time is not { } known)
            return;
        TimeText.WriteExchangeTime(Lines.Bytes.GetSpan(TimeText.ExchangeTimeLength), known);
        Lines.Bytes.Advance(TimeText.ExchangeTimeLength);
    }
}

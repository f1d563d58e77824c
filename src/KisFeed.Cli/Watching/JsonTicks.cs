namespace KisFeed.Cli.Watching;

/// <summary>Writes records and events as JSON, one object per line.</summary>
internal sealed class JsonTicks(Stream output, NameStyle names) : LineOutput<TickItem>(output)
{
    public override void Write(scoped TickItem item)
    {
        if (item.Event is Restored)
            return;
        var (feed, key) = (item.Target.Feed, item.Target.Key);
        var json = Lines.BeginObject();
        switch (item.Event)
        {
            case null:
                ItemJson.WriteRecord(json, feed, key, item.ReceivedAt, item.Fields, names);
                break;
            case Gap gap:
                ItemJson.WriteGap(json, feed, key, gap, names);
                break;
            case Interruption interruption:
                ItemJson.WriteInterruption(json, feed, key, interruption, names);
                break;
            case Evicted evicted:
                ItemJson.WriteInterruption(json, feed, key, evicted.Interruption, names);
                break;
            case LiveBegins live:
                ItemJson.WriteLive(json, feed, key, live, names);
                break;
            case MalformedFrame malformed:
                ItemJson.WriteError(json, feed.TrId, key, malformed.ReceivedAt, malformed.Error, names);
                FrameErrorJson.WriteRaw(json, malformed.Raw.Span);
                break;
        }

        Lines.EndObject();
    }
}

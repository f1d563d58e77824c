using KisFeed.Feeds;
using KisFeed.Gateway.History;
using KisFeed.Gateway.Hub;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Gateway.Streaming;

// Frames and events from upstream.
internal sealed partial class StreamDispatcher
{
    public void OnFrame(in TapItem item, string? noticeKey)
    {
        lock (_gate)
        {
            if (item.Frame.ReceivedAt < _lastAt)
                JoinAll();
            _lastAt = item.Frame.ReceivedAt;
            if (!_feeds.TryGetValue(item.Feed!.TrId, out var feed) || !DataFrame.TryParse(item.Frame.Bytes.Span, out var frame, out _))
                return;
            Deliver(feed, noticeKey is null ? null : feed.Find(noticeKey), frame, item);
            SendPendingGaps();
            WakeAll();
        }
    }

    public void OnEvent(in TapItem item)
    {
        lock (_gate)
        {
            if (item.Event is not Gap)
                SendPendingGaps();
            RecordInterruption(item);

            // A stream that joins between a gap and the frame that ends it reads both from the recording.
            if (item.Event is Gap { To: { } to } && to > _lastAt)
                _lastAt = to;
            var feed = item.Feed is { } schema ? _feeds.GetValueOrDefault(schema.TrId) : null;
            if (item.Event is MalformedFrame malformed)
            {
                if (item.Feed is null)
                    DeliverToAll(malformed);
                else if (feed is not null)
                    Deliver(feed, malformed);
            }
            else if (item.Key is { } name && feed?.Find(name) is { } key)
            {
                Deliver(key, item.Event!);
            }

            WakeAll();
        }
    }

    // The clock was set back. Streams that have read the past up to a time before that get everything from now on, instead of nothing until the time is reached again.
    private void JoinAll()
    {
        foreach (var route in _consumers.Values.SelectMany(consumer => consumer.Routes.Values))
            route.JoinsAt = DateTimeOffset.MinValue;
    }

    private void Deliver(FeedState feed, KeyState? noticeOwner, in DataFrame frame, in TapItem item)
    {
        var schema = feed.Schema;
        var shape = item.Shape;
        var reader = _buffer.Read(frame, shape);
        KeyState? lastMalformed = null;
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            var key = noticeOwner;
            if (key is null && (schema.IsNotice || !feed.TryFind(schema.KeyOf(fields), out key)))
                continue;
            if (RecordJson.TryCheck(schema, fields, out var error))
            {
                Deliver(key, fields, shape, item.Frame.ReceivedAt);
                continue;
            }

            // The whole frame goes with the first error only. Otherwise a frame with nothing but errors would take the square of its size.
            var raw = key == lastMalformed ? fields.Text : frame.Bytes;
            lastMalformed = key;
            Publish(key, NewItem(
                StreamItemKind.Malformed,
                schema.TrId,
                new MalformedFrame { Error = error, Raw = raw.ToArray(), ReceivedAt = item.Frame.ReceivedAt },
                item.Frame.ReceivedAt,
                schema,
                key,
                key.FeedState.Frames.Of(fields.Text)));
        }
    }

    private void Deliver(KeyState key, in RecordFields record, in FrameShape shape, DateTimeOffset receivedAt)
    {
        var bytes = key.FeedState.Frames.Of(record.Text);
        var before = key.Last;
        var gap = key.PendingGap;
        key.PendingGap = null;
        var item = new StreamItem
        {
            Kind = StreamItemKind.Record,
            Number = _number + (gap is null ? 1 : 2),
            Position = new HistoryPosition(receivedAt.UtcTicks, record.Record + 1),
            Feed = key.Feed,
            Key = key,
            ReceivedAt = receivedAt,
            Frame = bytes,
            Shape = shape with { Count = 1, HasSurplusSeparator = false },
            ArrivedAt = _time.GetTimestamp(),
            Cost = key.FeedState.CostOf(bytes),
        };
        if (gap is not null)
            Publish(key, NewEvent(key, gap with { To = gap.To ?? receivedAt, MissedVolume = key.MissedVolume(before, item) }));
        _number = item.Number;
        _lastPosition = item.Position;
        key.Last = item;
        Publish(key, item);
    }

    private void Deliver(KeyState key, FeedEvent feedEvent)
    {
        switch (feedEvent)
        {
            case Gap { To: not null } gap:
                // Sent with the frame that ends it, which follows at once.
                key.PendingGap = key.PendingGap?.Join(gap) ?? gap;
                _withGaps.Add(key);
                break;
            case Gap or Interruption or MalformedFrame:
                Publish(key, NewEvent(key, feedEvent));
                break;
            case RegistrationReleased or RegistrationRefused:
                // A stream that subscribed while the key was being released gets the gap with the next record.
                if (feedEvent is RegistrationReleased && !key.Routes.IsEmpty)
                    key.PendingGap ??= new Gap { Reason = GapReason.Renewed, From = key.Last?.ReceivedAt };
                key.Break(++_number);
                _history.Add(new StreamItem { Kind = StreamItemKind.Break, Number = _number, Feed = key.Feed, Key = key, ArrivedAt = _time.GetTimestamp() });
                break;
        }
    }

    // The key of a malformed frame is unknown, so each stream of the feed gets it once. The content of an order notice is withheld: it may belong to anybody.
    private void Deliver(FeedState feed, MalformedFrame malformed)
    {
        var shown = feed.Schema.IsNotice ? malformed with { Raw = default } : malformed;
        var item = NewItem(StreamItemKind.Malformed, feed.Schema.TrId, shown, malformed.ReceivedAt, feed.Schema);
        _history.Add(item);
        foreach (var key in feed.Keys)
        {
            foreach (var route in key.Routes)
            {
                if (item.ReceivedAt >= route.JoinsAt && _consumers[route.Consumer].IsNew(item))
                    Send(route, item);
            }
        }
    }

    // The feed is unknown too. The content may hold parts of an order notice, so it is shown only if it begins as a frame of another feed.
    private void DeliverToAll(MalformedFrame malformed)
    {
        var feed = FeedOf(malformed.Raw.Span);
        var shown = feed is { IsNotice: false } ? malformed : malformed with { Raw = default };
        var item = NewItem(StreamItemKind.Malformed, feed?.TrId, shown, malformed.ReceivedAt);
        _history.Add(item);
        foreach (var state in _consumers.Values)
        {
            if (state.Routes.Values.FirstOrDefault() is { } route)
                Send(route, item);
        }
    }

    // flag|TR_ID|…
    private static FeedSchema? FeedOf(ReadOnlySpan<byte> frame)
    {
        const byte Separator = (byte)'|';
        if (frame is not [(byte)'0' or (byte)'1', Separator, .. var rest])
            return null;
        var end = rest.IndexOf(Separator);
        return end > 0 && KisFeeds.Catalog.TryGet(rest[..end], out var feed) ? feed : null;
    }

    private void SendPendingGaps()
    {
        foreach (var key in _withGaps)
        {
            if (key.PendingGap is not { } gap)
                continue;
            key.PendingGap = null;
            Publish(key, NewEvent(key, gap));
        }

        _withGaps.Clear();
    }

    private StreamItem NewEvent(KeyState key, FeedEvent feedEvent) => feedEvent switch
    {
        Gap gap => NewItem(StreamItemKind.Gap, key.Feed.TrId, gap, gap.To ?? gap.From ?? default, key.Feed, key),
        Interruption interruption => NewItem(StreamItemKind.Interruption, key.Feed.TrId, interruption, interruption.At, key.Feed, key),
        MalformedFrame malformed => NewItem(StreamItemKind.Malformed, key.Feed.TrId, malformed, malformed.ReceivedAt, key.Feed, key),
        _ => throw new ArgumentException($"{feedEvent.GetType().Name} is not sent to streams", nameof(feedEvent)),
    };

    private StreamItem NewItem(StreamItemKind kind, string? trId, FeedEvent feedEvent, DateTimeOffset at, FeedSchema? feed = null, KeyState? key = null, byte[]? frame = null) => new()
    {
        Kind = kind,
        Number = ++_number,
        Position = _lastPosition,
        TrId = trId,
        Feed = feed,
        Key = key,
        ReceivedAt = at,
        Frame = frame ?? [],
        Event = feedEvent,
        ArrivedAt = _time.GetTimestamp(),
        Cost = (2 * StreamItem.Overhead) + (3 * ((feedEvent as MalformedFrame)?.Raw.Length ?? 0)),
    };

    private void Publish(KeyState key, StreamItem item)
    {
        _history.Add(item);
        foreach (var route in key.Routes)
        {
            if (item.ReceivedAt >= route.JoinsAt)
                Send(route, item);
        }
    }

    // Kept for every key, with or without streams, to determine the missed volume of a gap.
    private void RecordInterruption(in TapItem item)
    {
        if (item.Feed is not { } feed || item.Key is not { } key)
            return;
        switch (item.Event)
        {
            case Interruption interruption:
                _interruptions[new HubKey(feed.TrId, key)] = interruption;
                break;
            case Gap or RegistrationReleased or RegistrationRefused:
                _interruptions.Remove(new HubKey(feed.TrId, key));
                break;
        }
    }
}

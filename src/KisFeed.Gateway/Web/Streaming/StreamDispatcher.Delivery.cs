using KisFeed.Wire;

namespace KisFeed.Gateway;

// What comes from upstream, to those who have streams of it.
internal sealed partial class StreamDispatcher
{
    public void OnFrame(in TapItem item, string? noticeKey)
    {
        lock (_gate)
        {
            if (!_feeds.TryGetValue(item.Feed!.TrId, out var feed) || !DataFrame.TryParse(item.Frame.Bytes.Span, out var frame, out _))
                return;
            Deliver(feed, noticeKey is null ? null : feed.Find(noticeKey), frame, item);
            TellGaps();
            WakeAll();
        }
    }

    public void OnEvent(in TapItem item)
    {
        lock (_gate)
        {
            if (item.Event is not Gap)
                TellGaps();
            NoteInterruption(item);
            var feed = item.Feed is { } schema ? _feeds.GetValueOrDefault(schema.TrId) : null;
            if (item.Event is MalformedFrame malformed)
            {
                if (item.Feed is null)
                    DeliverToAll(malformed);
                else if (feed is not null)
                    Deliver(feed, malformed);
            }
            else if (item.Key is { } key && feed?.Find(key) is { } channel)
            {
                Deliver(channel, item.Event!);
            }

            WakeAll();
        }
    }

    private void Deliver(FeedChannels feed, KeyChannel? ofNotice, in DataFrame frame, in TapItem item)
    {
        var schema = feed.Feed;
        var shape = item.Shape;
        var reader = _scratch.Read(frame, shape);
        KeyChannel? lastMalformed = null;
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            var channel = ofNotice;
            if (channel is null && (schema.IsNotice || !feed.TryFind(FieldText.Trim(fields[schema.KeyColumn]), out channel)))
                continue;
            if (RecordJson.TryCheck(schema, fields, out var error))
            {
                Deliver(channel, fields.Text, shape, item.Frame.ReceivedAt);
                continue;
            }

            // The whole frame goes with the first error only: a frame of nothing but errors would otherwise grow with its square.
            var raw = channel == lastMalformed ? fields.Text : frame.Bytes;
            lastMalformed = channel;
            Deliver(channel, new MalformedFrame { Error = error, Raw = raw.ToArray(), ReceivedAt = item.Frame.ReceivedAt });
        }
    }

    private void Deliver(KeyChannel channel, ReadOnlySpan<byte> record, in FrameShape shape, DateTimeOffset receivedAt)
    {
        var bytes = channel.Feed.FrameOf(record);
        var before = channel.Last;
        var gap = channel.PendingGap;
        channel.PendingGap = null;
        var item = new StreamItem
        {
            Kind = StreamItemKind.Record,
            Number = _number + (gap is null ? 1 : 2),
            Feed = channel.Feed,
            Channel = channel,
            ReceivedAt = receivedAt,
            Frame = bytes,
            Shape = shape with { Count = 1, HasSurplusSeparator = false },
            ArrivedAt = _time.GetTimestamp(),
            Cost = channel.Feed.CostOf(bytes),
        };
        if (gap is not null)
            Pass(NewEvent(channel, gap with { To = gap.To ?? receivedAt, MissedVolume = MissedVolume.Between(channel.Feed, before, item) }));
        _number = item.Number;
        channel.Last = item;
        Pass(item);
    }

    private void Deliver(KeyChannel channel, FeedEvent happened)
    {
        switch (happened)
        {
            case Gap { To: not null } gap:
                // Told with the frame that it ends with, which follows at once.
                channel.PendingGap = channel.PendingGap?.Join(gap) ?? gap;
                _withGaps.Add(channel);
                break;
            case Gap or Interruption or MalformedFrame:
                Pass(NewEvent(channel, happened));
                break;
            case RegistrationReleased or RegistrationRefused:
                // A stream that came while upstream was asked to let the key go learns with the next record what it missed.
                if (happened is RegistrationReleased && !channel.Subscriptions.IsEmpty)
                    channel.PendingGap ??= new Gap { Reason = GapReason.Renewed, From = channel.Last?.ReceivedAt };
                channel.Break(++_number);
                _history.Add(new StreamItem { Kind = StreamItemKind.Break, Number = _number, Feed = channel.Feed, Channel = channel, ArrivedAt = _time.GetTimestamp() });
                break;
        }
    }

    // Which key a frame that cannot be read is of is not known: each stream is told once. Of an order notice nothing is shown, since it may be anybody's.
    private void Deliver(FeedChannels feed, MalformedFrame malformed)
    {
        var shown = feed.Feed.IsNotice ? malformed with { Raw = default } : malformed;
        var item = NewItem(StreamItemKind.Malformed, feed.Feed.TrId, shown, malformed.ReceivedAt, feed);
        _history.Add(item);
        foreach (var channel in feed.All)
        {
            foreach (var subscription in channel.Subscriptions)
            {
                if (subscription.Consumer.TryNote(item))
                    Post(item, subscription);
            }
        }
    }

    // Of which feed it is is not known either. It may hold anything, an order notice in parts included, so it is shown only where it begins as something else.
    private void DeliverToAll(MalformedFrame malformed)
    {
        var feed = FramePrefix.FeedOf(malformed.Raw.Span);
        var shown = feed is { IsNotice: false } ? malformed : malformed with { Raw = default };
        var item = NewItem(StreamItemKind.Malformed, feed?.TrId, shown, malformed.ReceivedAt);
        _history.Add(item);
        foreach (var consumer in _consumers)
        {
            if (consumer.Subscriptions.Values.FirstOrDefault() is { } subscription)
                Post(item, subscription);
        }
    }

    private void TellGaps()
    {
        foreach (var channel in _withGaps)
        {
            if (channel.PendingGap is not { } gap)
                continue;
            channel.PendingGap = null;
            Pass(NewEvent(channel, gap));
        }

        _withGaps.Clear();
    }

    private StreamItem NewEvent(KeyChannel channel, FeedEvent happened) => happened switch
    {
        Gap gap => NewItem(StreamItemKind.Gap, channel.Schema.TrId, gap, gap.To ?? gap.From ?? default, channel.Feed, channel),
        Interruption interruption => NewItem(StreamItemKind.Interruption, channel.Schema.TrId, interruption, interruption.At, channel.Feed, channel),
        MalformedFrame malformed => NewItem(StreamItemKind.Malformed, channel.Schema.TrId, malformed, malformed.ReceivedAt, channel.Feed, channel),
        _ => throw new ArgumentException($"{happened.GetType().Name} is not told to streams", nameof(happened)),
    };

    private StreamItem NewItem(StreamItemKind kind, string? trId, FeedEvent happened, DateTimeOffset at, FeedChannels? feed = null, KeyChannel? channel = null) => new()
    {
        Kind = kind,
        Number = ++_number,
        TrId = trId,
        Feed = feed,
        Channel = channel,
        ReceivedAt = at,
        Event = happened,
        ArrivedAt = _time.GetTimestamp(),
        Cost = (2 * StreamItem.Overhead) + (3 * ((happened as MalformedFrame)?.Raw.Length ?? 0)),
    };

    private void Pass(StreamItem item)
    {
        _history.Add(item);
        foreach (var subscription in item.Channel!.Subscriptions)
            Post(item, subscription);
    }

    // Whether or not any stream has the key. It stands until the gap says what was missed.
    private void NoteInterruption(in TapItem item)
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

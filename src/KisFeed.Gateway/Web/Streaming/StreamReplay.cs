namespace KisFeed.Gateway;

/// <summary>
/// Lets a stream go on where an earlier one ended: hands on what is kept, and puts a gap wherever something of a key is not, one for each loss. Under the lock of the <see cref="StreamDispatcher"/>.
/// </summary>
internal sealed class StreamReplay
{
    private readonly StreamControlItems _items;
    private readonly Dictionary<KeyChannel, Part> _parts;
    private readonly Action<StreamItem, StreamSubscription?> _tell;

    /// <summary>Begins.</summary>
    /// <param name="items">Writes gaps.</param>
    /// <param name="subscriptions">The keys of the stream.</param>
    /// <param name="isKept">Whether everything of a key is still kept; where not, it begins with a gap.</param>
    /// <param name="tell">Sends an item: one that is kept with a subscription that it comes by.</param>
    public StreamReplay(StreamControlItems items, IEnumerable<StreamSubscription> subscriptions, Func<StreamSubscription, bool> isKept, Action<StreamItem, StreamSubscription?> tell)
    {
        _items = items;
        _parts = subscriptions.ToDictionary(s => s.Channel!, s => new Part(s) { IsMissing = !isKept(s) });
        _tell = tell;
    }

    /// <summary>The keys of which something is missing, and nothing kept behind that. Once everything has been passed.</summary>
    public IEnumerable<StreamSubscription> Missing => _parts.Values.Where(part => part.IsMissing).Select(part => part.Subscription);

    /// <summary>Whether an interruption of a key was among what has been passed.</summary>
    public bool HasInterruption(StreamSubscription subscription) => _parts[subscription.Channel!].HasInterruption;

    /// <summary>An item that is kept, in its order. Those of keys that the stream does not have are passed over.</summary>
    public void Pass(StreamItem item)
    {
        if (item.Channel is not { } channel)
        {
            if (_parts.Values.FirstOrDefault(p => item.Feed is null || p.Subscription.Channel!.Feed == item.Feed) is { } any)
                _tell(item, any.Subscription);
        }
        else if (_parts.TryGetValue(channel, out var part))
        {
            Pass(item, part);
        }
    }

    /// <summary>Everything that is kept has been passed.</summary>
    public void End()
    {
        foreach (var part in _parts.Values)
            TellLastGap(part);
    }

    /// <summary>Says that something of a key is missing.</summary>
    /// <param name="subscription">The key.</param>
    /// <param name="to">When what comes next of it was received; <see langword="null"/> where nothing has yet.</param>
    public void TellGap(StreamSubscription subscription, DateTimeOffset? to) => TellGap(_parts[subscription.Channel!], to);

    private void Pass(StreamItem item, Part part)
    {
        switch (item)
        {
            case { Kind: StreamItemKind.Break }:
                part.From = (part.LastGap?.Event as Gap)?.From ?? part.From;
                part.LastGap = null;
                part.IsMissing = true;
                return;

            // One gap for both: the records on either side are the same.
            case { Kind: StreamItemKind.Gap } when part.IsMissing:
                return;

            // With the end of a registration. The break that mostly follows says the same, and the gap there ends with what comes next.
            case { Event: Gap { To: null } }:
                TellLastGap(part);
                part.LastGap = item;
                return;
        }

        TellLastGap(part);
        part.HasInterruption |= item.Kind == StreamItemKind.Interruption;
        if (item.Kind == StreamItemKind.Record)
        {
            if (part.IsMissing)
                TellGap(part, item.ReceivedAt);
            part.From = item.ReceivedAt;
        }

        _tell(item, part.Subscription);
    }

    private void TellLastGap(Part part)
    {
        if (part.LastGap is { } gap)
            _tell(gap, part.Subscription);
        part.LastGap = null;
    }

    private void TellGap(Part part, DateTimeOffset? to)
    {
        _tell(_items.Gap(part.Subscription.Target, part.From, to), null);
        part.IsMissing = false;
    }

    /// <summary>How far one key has come.</summary>
    private sealed class Part(StreamSubscription subscription)
    {
        public StreamSubscription Subscription => subscription;

        /// <summary>Whether a gap is to be told, before the next record.</summary>
        public bool IsMissing { get; set; }

        /// <summary>When the last record before that was received, where it is known.</summary>
        public DateTimeOffset? From { get; set; }

        public bool HasInterruption { get; set; }

        /// <summary>A gap that ends with nothing, until it is known whether a break follows.</summary>
        public StreamItem? LastGap { get; set; }
    }
}

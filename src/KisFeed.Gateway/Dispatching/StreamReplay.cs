using KisFeed.Gateway.Hub;

namespace KisFeed.Gateway.Dispatching;

/// <summary>Resumes a stream: sends the items of the replay buffer, and one gap for each loss of a key. Not thread-safe.</summary>
internal sealed class StreamReplay
{
    private readonly Dictionary<ItemKey, Progress> _keys;
    private readonly Action<StreamItem, ItemKey> _sendItem;
    private readonly Action<ItemKey, DateTimeOffset?, DateTimeOffset?> _sendGap;

    /// <summary>Begins.</summary>
    /// <param name="keys">The keys of the stream.</param>
    /// <param name="hasAll">Whether the replay buffer has every item of a key. If not, the key begins with a gap.</param>
    /// <param name="sendItem">Sends an item of the replay buffer, by the key that it reaches the stream by.</param>
    /// <param name="sendGap">Sends a gap of a key: from the last record before it, if known, to the first record
    /// after it, if there is one.</param>
    public StreamReplay(
        IEnumerable<ItemKey> keys,
        Func<ItemKey, bool> hasAll,
        Action<StreamItem, ItemKey> sendItem,
        Action<ItemKey, DateTimeOffset?, DateTimeOffset?> sendGap)
    {
        _keys = keys.ToDictionary(key => key, key => new Progress(key) { IsMissing = !hasAll(key) });
        _sendItem = sendItem;
        _sendGap = sendGap;
    }

    /// <summary>After <see cref="End"/>: the keys whose newest data is missing.</summary>
    public IEnumerable<ItemKey> Missing => _keys.Values.Where(progress => progress.IsMissing).Select(progress => progress.Key);

    public bool HasInterruption(ItemKey key) => _keys[key].HasInterruption;

    /// <summary>Replays the next item of the replay buffer. Items of other keys are ignored.</summary>
    public void Add(StreamItem item)
    {
        if (item.Key is not { } key)
        {
            if (_keys.Values.FirstOrDefault(p => item.Feed is null || p.Key.Feed == item.Feed) is { } any)
                _sendItem(item, any.Key);
        }
        else if (_keys.TryGetValue(key, out var progress))
        {
            Add(item, progress);
        }
    }

    public void End()
    {
        foreach (var progress in _keys.Values)
            SendHeldGap(progress);
    }

    public void AddGap(ItemKey key, DateTimeOffset? to) => SendGap(_keys[key], to);

    private void Add(StreamItem item, Progress progress)
    {
        switch (item)
        {
            case { Kind: StreamItemKind.Break }:
                progress.From = (progress.HeldGap?.Event as Gap)?.From ?? progress.From;
                progress.HeldGap = null;
                progress.IsMissing = true;
                return;

            // One gap for both: they lie between the same records.
            case { Kind: StreamItemKind.Gap } when progress.IsMissing:
                return;

            // A registration ended. Usually a break follows and means the same loss; its gap then ends with the next record.
            case { Event: Gap { To: null } }:
                SendHeldGap(progress);
                progress.HeldGap = item;
                return;
        }

        SendHeldGap(progress);
        progress.HasInterruption |= item.Kind == StreamItemKind.Interruption;
        if (item.Kind == StreamItemKind.Record)
        {
            if (progress.IsMissing)
                SendGap(progress, item.ReceivedAt);
            progress.From = item.ReceivedAt;
        }

        _sendItem(item, progress.Key);
    }

    private void SendHeldGap(Progress progress)
    {
        if (progress.HeldGap is { } gap)
            _sendItem(gap, progress.Key);
        progress.HeldGap = null;
    }

    private void SendGap(Progress progress, DateTimeOffset? to)
    {
        _sendGap(progress.Key, progress.From, to);
        progress.IsMissing = false;
    }

    private sealed class Progress(ItemKey key)
    {
        public ItemKey Key => key;

        /// <summary>Whether a gap must be sent before the next record.</summary>
        public bool IsMissing { get; set; }

        /// <summary>When the last record before the gap was received, if known.</summary>
        public DateTimeOffset? From { get; set; }

        public bool HasInterruption { get; set; }

        /// <summary>An open-ended gap that is held until it is known whether a break follows.</summary>
        public StreamItem? HeldGap { get; set; }
    }
}

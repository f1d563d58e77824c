using System.Threading.Tasks.Sources;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Hub;

namespace KisFeed.Gateway.Dispatching;

/// <summary>
/// The queue of one stream: references to shared items, bounded in number and memory, and the account of what the stream lost because it
/// was slow. Any thread adds items and never waits; one reader takes them in batches.
/// </summary>
internal sealed class StreamQueue(StreamLimits limits, ConsumerCounts counts, StreamCounters counters) : IValueTaskSource<bool>
{
    // One message can ask for many keys. The next is not read until most answers have been sent.
    private const int MaxAnswers = 4_096;
    private const int FewAnswers = 256;

    private readonly Lock _gate = new();
    private readonly Ring<Entry> _waiting = new();

    // Entries that come before all waiting ones: gaps in place of dropped data, and control items between them.
    // An entry without an item is a gap.
    private readonly List<Entry> _head = [];
    private ManualResetValueTaskSourceCore<bool> _wake = new() { RunContinuationsAsynchronously = true };
    private int _data;
    private long _bytes;
    private int _replayedData;
    private long _replayedBytes;
    private bool _isAwaited;
    private bool _isClosed;
    private bool _isComplete;
    private bool _wasRead;
    private TaskCompletionSource? _answered;

    public QueueDepth Depth
    {
        get
        {
            lock (_gate)
                return new(_bytes, _data);
        }
    }

    public static QueuedKey NewKey(ItemKey key) => new KeyLosses(key);

    /// <summary>Adds an item, unless the queue is closed.</summary>
    /// <param name="item">The item.</param>
    /// <param name="key">Of data: its key, or any key of the stream if the item has none.</param>
    public EnqueueResult Enqueue(StreamItem item, QueuedKey? key = null)
    {
        lock (_gate)
        {
            if (_isClosed)
                return EnqueueResult.None;
            var isOverflow = !TryAdd(new Entry(item, (KeyLosses?)key));
            return TakeWake() | (isOverflow ? EnqueueResult.Overflow : EnqueueResult.None);
        }
    }

    /// <summary>Adds an item of the replay buffer. Its memory exists already, so it does not count against the limits.</summary>
    public EnqueueResult EnqueueReplayed(StreamItem item, QueuedKey key)
    {
        lock (_gate)
        {
            _replayedData++;
            _replayedBytes += item.Cost;
            return Enqueue(item, key);
        }
    }

    /// <summary>Adds a heartbeat if nothing was sent since the previous call.</summary>
    public EnqueueResult EnqueueHeartbeat(StreamItem heartbeat)
    {
        lock (_gate)
        {
            var isQuiet = !_wasRead && !HasAny;
            _wasRead = false;
            return isQuiet ? Enqueue(heartbeat) : EnqueueResult.None;
        }
    }

    /// <summary>Closes the queue. Waiting items can still be read.</summary>
    public void Complete(StreamItem? last)
    {
        lock (_gate)
        {
            if (_isComplete)
                return;
            if (last is not null)
                _waiting.Add(new Entry(last, null));
            _isClosed = _isComplete = true;
            CompleteAnswers();
        }

        Nudge();
    }

    public void Drop()
    {
        lock (_gate)
        {
            _isClosed = _isComplete = true;
            CompleteAnswers();
            _waiting.Clear();
            _head.Clear();
            (_data, _bytes, _replayedData, _replayedBytes) = (0, 0, 0, 0);
        }

        Nudge();
    }

    /// <summary>Discards the data that waits, and accepts no more: the stream ends, and the client continues from what it has.</summary>
    public void DiscardData()
    {
        lock (_gate)
        {
            _isClosed = true;
            var kept = 0;
            for (var i = 0; i < _waiting.Count; i++)
            {
                if (!_waiting[i].Item!.IsData)
                    _waiting[kept++] = _waiting[i];
            }

            _waiting.Truncate(kept);
            _head.RemoveAll(entry => entry.Item is null);
            (_data, _bytes, _replayedData, _replayedBytes) = (0, 0, 0, 0);
        }
    }

    public void Nudge()
    {
        EnqueueResult result;
        lock (_gate)
            result = TakeWake();
        if (result == EnqueueResult.Wake)
            Wake();
    }

    /// <summary>Wakes the reader. Call once for each result with <see cref="EnqueueResult.Wake"/>.</summary>
    public void Wake() => _wake.SetResult(true);

    /// <summary>Waits for items, or for <see cref="Nudge"/>.</summary>
    /// <returns><see langword="false"/> once the queue is closed and empty.</returns>
    public ValueTask<bool> WaitAsync()
    {
        lock (_gate)
        {
            if (HasAny)
                return new(true);
            if (_isComplete)
                return new(false);
            _wake.Reset();
            _isAwaited = true;
            return new(this, _wake.Version);
        }
    }

    /// <summary>Completes when few answers wait, so that a client which sends requests and does not read cannot fill the memory.</summary>
    public Task WaitForAnswersAsync()
    {
        lock (_gate)
        {
            return Answers <= FewAnswers || _isComplete
                ? Task.CompletedTask
                : (_answered ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Takes waiting items, in order.</summary>
    /// <returns>The number of items taken.</returns>
    public int Read(Span<StreamItem> buffer)
    {
        var count = 0;
        var data = 0;
        lock (_gate)
        {
            _wasRead = true;
            for (; count < buffer.Length && count < _head.Count; count++)
                buffer[count] = _head[count].Item ?? CloseGap(_head[count].Losses!);
            _head.RemoveRange(0, count);
            while (count < buffer.Length && _waiting.Count > 0)
            {
                var entry = _waiting.RemoveFirst();
                buffer[count++] = entry.Item!;
                if (!entry.Item!.IsData)
                    continue;
                Uncount(entry.Item);
                data++;
                if (entry.Item.Kind == StreamItemKind.Record)
                    entry.Losses!.LastRead = entry.Item;
            }

            _replayedData = Math.Min(_replayedData, _data);
            _replayedBytes = Math.Min(_replayedBytes, _bytes);
            if (Answers <= FewAnswers)
                CompleteAnswers();
        }

        if (data > 0)
        {
            counts.Delivered.Add(data);
            counters.Sent.Add(data);
        }

        return count;
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _wake.GetResult(token);
        lock (_gate)
            return HasAny || !_isComplete;
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _wake.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wake.OnCompleted(continuation, state, token, flags);

    private bool HasAny => _waiting.Count > 0 || _head.Count > 0;

    private int Answers => _waiting.Count - _data + _head.Count;

    private bool IsOverLimit => _data > 1 && (_data > limits.Records + _replayedData || _bytes > limits.Bytes + _replayedBytes);

    private bool TryAdd(in Entry entry)
    {
        if (!entry.Item!.IsData)
        {
            _waiting.Add(entry);
            return Answers <= MaxAnswers || Close();
        }

        _data++;
        _bytes += entry.Item.Cost;
        _waiting.Add(entry);
        if (!IsOverLimit)
            return true;
        if (limits.Overflow == StreamOverflow.Disconnect)
        {
            _waiting.Truncate(_waiting.Count - 1);
            Uncount(entry.Item);
            return Close();
        }

        if (limits.Overflow == StreamOverflow.Latest)
            KeepNewest();
        while (IsOverLimit)
            Drop(_waiting.RemoveFirst());
        return true;
    }

    // The caller completes the queue with the reason.
    private bool Close()
    {
        _isClosed = true;
        return false;
    }

    // Keeps the newest record of each key, the events after it, and control items, in order.
    private void KeepNewest()
    {
        for (var i = 0; i < _waiting.Count; i++)
        {
            if (_waiting[i].Losses is { } losses)
                losses.Newest = -1;
        }

        for (var i = 0; i < _waiting.Count; i++)
        {
            if (_waiting[i] is { Item.Kind: StreamItemKind.Record, Losses: { } losses })
                losses.Newest = i;
        }

        var kept = 0;
        for (var i = 0; i < _waiting.Count; i++)
        {
            var entry = _waiting[i];
            if (entry.Item!.IsData && i < entry.Losses!.Newest)
                Drop(entry);
            else
                _waiting[kept++] = entry;
        }

        _waiting.Truncate(kept);
    }

    private void Drop(in Entry entry)
    {
        if (!entry.Item!.IsData)
        {
            _head.Add(entry);
            return;
        }

        Uncount(entry.Item);
        var losses = entry.Losses!;
        if (!losses.HasGap)
            _head.Add(new Entry(null, losses));
        var lost = losses.Drop(entry.Item);
        if (lost == 0)
            return;
        counts.Dropped.Add(lost);
        counters.Dropped.Add(lost);
    }

    private void Uncount(StreamItem item)
    {
        _data--;
        _bytes -= item.Cost;
    }

    private StreamItem CloseGap(KeyLosses losses) =>
        new() { Kind = StreamItemKind.Gap, Key = losses.Key, Feed = losses.Key.Feed, Event = losses.CloseGap(NextRecord(losses)) };

    private StreamItem? NextRecord(KeyLosses losses)
    {
        for (var i = 0; i < _waiting.Count; i++)
        {
            if (_waiting[i] is { Item: { Kind: StreamItemKind.Record } item, Losses: { } other } && other == losses)
                return item;
        }

        return null;
    }

    private void CompleteAnswers()
    {
        _answered?.TrySetResult();
        _answered = null;
    }

    private EnqueueResult TakeWake()
    {
        if (!_isAwaited)
            return EnqueueResult.None;
        _isAwaited = false;
        return EnqueueResult.Wake;
    }

    internal abstract class QueuedKey;

    private readonly record struct Entry(StreamItem? Item, KeyLosses? Losses);

    /// <summary>A key, and what the stream lost of it since the last record that it got.</summary>
    private sealed class KeyLosses(ItemKey key) : QueuedKey
    {
        private long _lost;
        private GapReason? _reason;

        public ItemKey Key => key;

        public bool HasGap { get; private set; }

        public StreamItem? LastRead { get; set; }

        /// <summary>The position of the key's newest record, while <see cref="KeepNewest"/> runs.</summary>
        public int Newest { get; set; } = -1;

        /// <summary>Drops an item. The reason and size of a dropped gap become part of the gap that is sent.</summary>
        /// <returns>The number of records lost.</returns>
        public long Drop(StreamItem item)
        {
            HasGap = true;
            switch (item.Event)
            {
                case Gap gap:
                    _lost += gap.Frames ?? 0;
                    SetReason(gap.Reason);
                    return 0;
                case Interruption interruption:
                    SetReason(interruption.Reason);
                    return 0;
                default:
                    _lost++;
                    return 1;
            }
        }

        public Gap CloseGap(StreamItem? next)
        {
            var gap = new Gap
            {
                From = LastRead?.ReceivedAt,
                To = next?.ReceivedAt,
                Reason = _reason ?? GapReason.QueueOverflow,
                Frames = _lost == 0 ? null : _lost,
                MissedVolume = StreamItem.MissedVolume(LastRead, next),
            };
            HasGap = false;
            _lost = 0;
            _reason = null;
            return gap;
        }

        private void SetReason(GapReason reason)
        {
            if (reason != GapReason.QueueOverflow)
                _reason ??= reason;
        }
    }
}

/// <summary>What the caller must do after adding an item to a <see cref="StreamQueue"/>.</summary>
[Flags]
internal enum EnqueueResult
{
    None = 0,

    Wake = 1,

    /// <summary>Complete the queue: it is full and accepts no more items.</summary>
    Overflow = 2,
}

/// <summary>The limits of a stream's queue.</summary>
/// <param name="Records">Records and events that may wait.</param>
/// <param name="Bytes">The approximate memory that they may take, in bytes. One item may wait whatever its size.</param>
/// <param name="Overflow">What happens to more.</param>
internal sealed record StreamLimits(int Records, long Bytes, StreamOverflow Overflow);

/// <summary>What happens when the queue of a slow stream is full.</summary>
internal enum StreamOverflow
{
    /// <summary>The oldest items are dropped; gaps take their place.</summary>
    DropOldest,

    /// <summary>All but the newest record of each key are dropped; gaps take their place.</summary>
    Latest,

    /// <summary>The stream ends after the items that wait.</summary>
    Disconnect,
}

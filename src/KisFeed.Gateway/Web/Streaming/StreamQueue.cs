using System.Threading.Tasks.Sources;

namespace KisFeed.Gateway;

/// <summary>
/// What waits for one stream: references to items that all streams share, bounded in number and in memory. Any thread puts items in and never waits; one reader takes them, many at a time.
/// </summary>
/// <param name="limits">How much may wait.</param>
/// <param name="counts">Counts what the consumer gets and does not get.</param>
/// <param name="counters">Counts the same over all streams.</param>
internal sealed class StreamQueue(StreamLimits limits, ConsumerCounts counts, StreamCounters counters) : IValueTaskSource<bool>
{
    // One message can ask for many things; the next is not read before most answers have gone out.
    private const int MostAnswers = 4_096;
    private const int FewAnswers = 256;

    private readonly Lock _gate = new();
    private readonly Ring<Entry> _waiting = new();

    // What stands before everything that waits: gaps in the places of what was dropped, and among them what must not be dropped. An entry without an item is a gap.
    private readonly List<Entry> _kept = [];
    private ManualResetValueTaskSourceCore<bool> _wake = new() { RunContinuationsAsynchronously = true };
    private int _data;
    private long _bytes;
    private int _extraData;
    private long _extraBytes;
    private bool _isAwaited;
    private bool _isClosed;
    private bool _isComplete;
    private bool _wasTaken;
    private TaskCompletionSource? _answered;

    /// <summary>What waits: records, and what has happened between them.</summary>
    public QueueDepth Waiting
    {
        get
        {
            lock (_gate)
                return new(_bytes, _data);
        }
    }

    /// <summary>Puts an item in, unless the queue is closed.</summary>
    /// <param name="item">The item.</param>
    /// <param name="subscription">Of data: the subscription that they come by.</param>
    public PostResult Post(StreamItem item, StreamSubscription? subscription)
    {
        lock (_gate)
        {
            if (_isClosed)
                return PostResult.None;
            var isOverrun = !TryAdd(new Entry(item, subscription));
            return TakeWake() | (isOverrun ? PostResult.Overrun : PostResult.None);
        }
    }

    /// <summary>Puts data in that wait elsewhere already: there is room for them beside what the limits leave.</summary>
    public PostResult PostExtra(StreamItem item, StreamSubscription subscription)
    {
        lock (_gate)
        {
            _extraData++;
            _extraBytes += item.Cost;
        }

        return Post(item, subscription);
    }

    /// <summary>Puts an item in that says the stream is still there, if nothing else has since this was called before.</summary>
    public PostResult PostHeartbeat(StreamItem heartbeat)
    {
        lock (_gate)
        {
            var isQuiet = !_wasTaken && _waiting.Count == 0 && _kept.Count == 0;
            _wasTaken = false;
            return isQuiet ? Post(heartbeat, null) : PostResult.None;
        }
    }

    /// <summary>Takes no more. What waits can still be taken; behind it stands an item, where one is given.</summary>
    public PostResult Complete(StreamItem? last)
    {
        lock (_gate)
        {
            if (_isComplete)
                return PostResult.None;
            if (last is not null)
                _waiting.Add(new Entry(last, null));
            _isClosed = _isComplete = true;
            TellAnswered();
            return TakeWake();
        }
    }

    /// <summary>Takes no more, and forgets what waits.</summary>
    public PostResult Drop()
    {
        lock (_gate)
        {
            _isClosed = _isComplete = true;
            TellAnswered();
            _waiting.Clear();
            _kept.Clear();
            (_data, _bytes, _extraData, _extraBytes) = (0, 0, 0, 0);
            return TakeWake();
        }
    }

    /// <summary>Wakes the reader, once, where that was asked for.</summary>
    public void Wake() => _wake.SetResult(true);

    /// <summary>Waits for items.</summary>
    /// <returns>Whether there are any; <see langword="false"/> once the queue is complete and everything has been taken.</returns>
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

    /// <summary>Completes when no more than a few answers wait: a client that asks and does not read is not to fill the memory.</summary>
    public Task WaitForAnswersAsync()
    {
        lock (_gate)
            return Answers <= FewAnswers || _isComplete ? Task.CompletedTask : (_answered ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    /// <summary>Takes what waits, in its order, as far as there is room for it.</summary>
    /// <returns>How much was taken.</returns>
    public int Take(Span<StreamItem> room)
    {
        var taken = 0;
        var data = 0;
        lock (_gate)
        {
            _wasTaken = true;
            for (; taken < room.Length && taken < _kept.Count; taken++)
                room[taken] = _kept[taken].Item ?? GapOf(_kept[taken].Subscription!);
            _kept.RemoveRange(0, taken);
            while (taken < room.Length && _waiting.Count > 0)
            {
                var entry = _waiting.RemoveFirst();
                room[taken++] = entry.Item!;
                if (!entry.Item!.IsData)
                    continue;
                Forget(entry.Item);
                data++;
                if (entry.Item.Kind == StreamItemKind.Record)
                    entry.Subscription!.Loss.Last = entry.Item;
            }

            _extraData = Math.Min(_extraData, _data);
            _extraBytes = Math.Min(_extraBytes, _bytes);
            if (Answers <= FewAnswers)
                TellAnswered();
        }

        if (data > 0)
        {
            counts.AddDelivered(data);
            counters.AddSent(data);
        }

        return taken;
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _wake.GetResult(token);
        lock (_gate)
            return HasAny;
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _wake.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wake.OnCompleted(continuation, state, token, flags);

    private bool HasAny => _waiting.Count > 0 || _kept.Count > 0;

    private int Answers => _waiting.Count - _data + _kept.Count;

    private bool IsTooMuch => _data > 1 && (_data > limits.Records + _extraData || _bytes > limits.Bytes + _extraBytes);

    private bool TryAdd(in Entry entry)
    {
        if (!entry.Item!.IsData)
        {
            _waiting.Add(entry);
            return Answers <= MostAnswers || Close();
        }

        _data++;
        _bytes += entry.Item.Cost;
        _waiting.Add(entry);
        if (!IsTooMuch)
            return true;
        if (limits.Overflow == StreamOverflow.Disconnect)
        {
            _waiting.Truncate(_waiting.Count - 1);
            Forget(entry.Item);
            return Close();
        }

        if (limits.Overflow == StreamOverflow.Latest)
            KeepNewest();
        while (IsTooMuch)
            Drop(_waiting.RemoveFirst());
        return true;
    }

    // Whoever put the item in completes the queue, and says why.
    private bool Close()
    {
        _isClosed = true;
        return false;
    }

    // Leaves the newest record of each key, what has happened since, and what must not be dropped, in their order.
    private void KeepNewest()
    {
        for (var i = 0; i < _waiting.Count; i++)
        {
            if (_waiting[i].Subscription is { } subscription)
                subscription.Loss.Newest = -1;
        }

        for (var i = 0; i < _waiting.Count; i++)
        {
            if (_waiting[i] is { Item.Kind: StreamItemKind.Record, Subscription: { } subscription })
                subscription.Loss.Newest = i;
        }

        var kept = 0;
        for (var i = 0; i < _waiting.Count; i++)
        {
            var entry = _waiting[i];
            if (entry.Item!.IsData && i < entry.Subscription!.Loss.Newest)
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
            _kept.Add(entry);
            return;
        }

        Forget(entry.Item);
        var loss = entry.Subscription!.Loss;
        if (!loss.IsOpen)
            _kept.Add(new Entry(null, entry.Subscription));
        var lost = loss.Add(entry.Item);
        if (lost == 0)
            return;
        counts.AddDropped(lost);
        counters.AddDropped(lost);
    }

    private void Forget(StreamItem item)
    {
        _data--;
        _bytes -= item.Cost;
    }

    private StreamItem GapOf(StreamSubscription subscription)
    {
        var channel = subscription.Channel!;
        return new StreamItem { Kind = StreamItemKind.Gap, Feed = channel.Feed, Channel = channel, Event = subscription.Loss.Close(channel.Feed, NextOf(subscription)) };
    }

    private StreamItem? NextOf(StreamSubscription subscription)
    {
        for (var i = 0; i < _waiting.Count; i++)
        {
            if (_waiting[i] is { Item: { Kind: StreamItemKind.Record } item, Subscription: { } of } && of == subscription)
                return item;
        }

        return null;
    }

    private void TellAnswered()
    {
        _answered?.TrySetResult();
        _answered = null;
    }

    private PostResult TakeWake()
    {
        if (!_isAwaited)
            return PostResult.None;
        _isAwaited = false;
        return PostResult.Wake;
    }

    private readonly record struct Entry(StreamItem? Item, StreamSubscription? Subscription);
}

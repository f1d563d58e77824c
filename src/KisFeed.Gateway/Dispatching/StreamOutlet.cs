using System.Net.WebSockets;
using KisFeed.Gateway.Consumers;
using KisFeed.Output;

namespace KisFeed.Gateway.Dispatching;

/// <summary>
/// What a stream sends to its client: its queue, its items, and its end. It knows nothing of who subscribes to its keys. Thread-safe.
/// </summary>
internal sealed class StreamOutlet : IDisposable
{
    /// <summary>How long a client has to read the last items of an ended stream. By the system's clock: it limits the client.</summary>
    private static readonly TimeSpan s_drainTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The same for a slow client.</summary>
    private static readonly TimeSpan s_slowDrainTimeout = TimeSpan.FromSeconds(10);

    private readonly ConsumerCounts _counts;
    private readonly StreamCounters _counters;
    private readonly Lock _abortGate = new();
    private readonly Action _abort;
    private readonly ITimer _abortTimer;
    private bool _isDisposed;
    private int _hasEnded;

    public StreamOutlet(
        StreamLimits limits, NameStyle names, ConsumerCounts counts, StreamCounters counters, Action abort, TimeProvider? time = null)
    {
        Items = new StreamControlItems(names);
        Queue = new StreamQueue(limits, counts, counters);
        _counts = counts;
        _counters = counters;
        _abort = abort;
        _abortTimer = (time ?? TimeProvider.System).CreateTimer(
            static state => ((StreamOutlet)state!).Abort(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public StreamControlItems Items { get; }

    public StreamQueue Queue { get; }

    public bool HasEnded => Volatile.Read(ref _hasEnded) != 0;

    public WebSocketCloseStatus CloseStatus { get; private set; } = WebSocketCloseStatus.NormalClosure;

    public string CloseReason { get; private set; } = "";

    public void Send(StreamItem item)
    {
        var result = Queue.Enqueue(item);
        if (result.HasFlag(EnqueueResult.Wake))
            Queue.Wake();
        if (result.HasFlag(EnqueueResult.Overflow))
            EndAsSlow();
    }

    /// <summary>Counts recorded items that the client has taken.</summary>
    public void CountRecorded(int count)
    {
        _counts.Delivered.Add(count);
        _counters.Sent.Add(count);
    }

    /// <summary>
    /// Ends the stream after the items that wait and the reason. A client that does not read them in time is disconnected.
    /// </summary>
    public void End(string reason, WebSocketCloseStatus status)
    {
        if (TryEnd(reason, status, s_drainTimeout))
            Queue.Complete(StreamControlItems.End(reason));
    }

    /// <summary>Ends the stream because its queue is full and the client chose to be disconnected then.</summary>
    public void EndAsSlow()
    {
        const string Reason = "the stream's queue is full because the client reads too slowly; reconnect with last_event_id";
        _counts.SlowCloses.Add();
        _counters.SlowCloses.Add();
        if (TryEnd(Reason, WebSocketCloseStatus.PolicyViolation, s_slowDrainTimeout))
            Queue.Complete(StreamControlItems.End(Reason));
    }

    /// <summary>Ends the stream at the client's request. Waiting items are discarded.</summary>
    public void EndByClient(WebSocketCloseStatus status)
    {
        if (TryEnd("", status, s_drainTimeout))
            Queue.Drop();
    }

    public void Dispose()
    {
        Queue.Drop();
        lock (_abortGate)
            _isDisposed = true;
        _abortTimer.Dispose();
    }

    private bool TryEnd(string reason, WebSocketCloseStatus status, TimeSpan drainTimeout)
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) != 0)
            return false;
        CloseStatus = status;
        CloseReason = reason;
        _abortTimer.Change(drainTimeout, Timeout.InfiniteTimeSpan);
        return true;
    }

    // The timer may fire during its disposal, when the connection may already serve another request.
    private void Abort()
    {
        lock (_abortGate)
        {
            if (!_isDisposed)
                _abort();
        }
    }
}

using KisFeed.Simulation.Invariants;

namespace KisFeed.Simulation.Time;

/// <summary>Time that advances from event to event. Simultaneous events occur in the order in which they were scheduled.</summary>
internal sealed class VirtualClock
{
    private const int MaxEventsAtOnce = 5_000;

    private readonly PriorityQueue<Action, (TimeSpan At, long Number)> _events = new();
    private long _number;
    private int _simultaneousEvents;

    /// <summary>The monotonic time.</summary>
    public TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(1_000);

    /// <summary>The number of events so far.</summary>
    public int Events { get; private set; }

    public void At(TimeSpan time, Action action) => _events.Enqueue(action, (time, _number++));

    public void After(TimeSpan delay, Action action) => At(Now + delay, action);

    /// <summary>Advances time without events, like on a suspended machine; pending events then occur late.</summary>
    public void Jump(TimeSpan by) => Now += by;

    /// <summary>Runs the next event if it is due by the given time.</summary>
    /// <returns><see langword="false"/> if there is none; the time is then advanced to the given time.</returns>
    public bool Next(TimeSpan until)
    {
        if (!_events.TryPeek(out var action, out var due) || due.At > until)
        {
            if (until > Now)
                Now = until;
            return false;
        }

        _events.Dequeue();
        _simultaneousEvents = due.At > Now ? 0 : _simultaneousEvents + 1;
        Invariant.Holds(
            _simultaneousEvents < MaxEventsAtOnce, "progress", $"{_simultaneousEvents} events have happened without time passing");
        if (due.At > Now)
            Now = due.At;
        Events++;
        action();
        return true;
    }
}

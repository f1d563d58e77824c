using KisFeed.Simulation.Invariants;

namespace KisFeed.Simulation.Time;

/// <summary>Time that advances from event to event. Events due at the same time happen in the order in which they were scheduled.</summary>
internal sealed class VirtualClock
{
    private const int MostAtOnce = 5_000;

    private readonly PriorityQueue<Action, (TimeSpan At, long Number)> _events = new();
    private long _number;
    private int _atOnce;

    /// <summary>The monotonic time.</summary>
    public TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(1_000);

    /// <summary>Events that have happened.</summary>
    public int Events { get; private set; }

    public void At(TimeSpan time, Action action) => _events.Enqueue(action, (time, _number++));

    public void After(TimeSpan delay, Action action) => At(Now + delay, action);

    /// <summary>Time advances without events, as on a suspended machine; all of them happen late.</summary>
    public void Jump(TimeSpan by) => Now += by;

    /// <summary>Lets the next event happen that is due until then.</summary>
    /// <returns><see langword="false"/> if there is none; the time is then the end of the interval.</returns>
    public bool Next(TimeSpan until)
    {
        if (!_events.TryPeek(out var action, out var due) || due.At > until)
        {
            if (until > Now)
                Now = until;
            return false;
        }

        _events.Dequeue();
        _atOnce = due.At > Now ? 0 : _atOnce + 1;
        Invariant.Holds(_atOnce < MostAtOnce, "progress", $"{_atOnce} events have happened without time passing");
        if (due.At > Now)
            Now = due.At;
        Events++;
        action();
        return true;
    }
}

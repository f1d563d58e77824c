using KisFeed.Simulation.Invariants;

namespace KisFeed.Simulation.Time;

/// <summary>Time that passes from event to event. What is due at the same time happens in the order in which it was asked for.</summary>
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

    /// <summary>Time passes, as for a machine that was suspended, and nothing happens meanwhile: it all happens late.</summary>
    public void Jump(TimeSpan by) => Now += by;

    /// <summary>Lets the next event happen that is due until then.</summary>
    /// <returns><see langword="false"/> where there is none: it is then.</returns>
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

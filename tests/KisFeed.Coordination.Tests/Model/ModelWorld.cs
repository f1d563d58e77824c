using System.Globalization;
using System.Runtime.CompilerServices;
using KisFeed.Coordination.Tests.Staging;

namespace KisFeed.Coordination.Tests.Model;

/// <summary>Virtual time, the store, and the network between it and the processes.</summary>
internal sealed class ModelWorld
{
    private const int MaxEventsAtOnce = 10_000;

    // Events are ordered by their times, those of the same time by their numbers. Both fit in one number: a run has hours
    // and hundreds of thousands of events.
    private const int NumberBits = 23;

    private readonly PriorityQueue<Action, long> _events = new();
    private readonly ModelRandom _random;
    private long _number;
    private int _simultaneous;
    private TimeSpan _awayUntil;

    public ModelWorld(ModelPlan plan, bool isTraced)
    {
        Plan = plan;
        _random = new ModelRandom(plan.Seed, 1);
        Trace = isTraced ? [] : null;
        Checks = new ModelChecks(this);
        Store.HolderChanged = Checks.OnHolderChanged;
        Store.Claimed = Checks.OnClaimed;
    }

    public ModelPlan Plan { get; }

    public ReferenceStore Store { get; } = new();

    public ModelChecks Checks { get; }

    public List<ModelProcess> Processes { get; } = [];

    public List<string>? Trace { get; }

    public bool HasFaults { get; set; } = true;

    /// <summary>The true time, which is that of the store.</summary>
    public TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(1_000);

    public int Events { get; private set; }

    public bool IsAway => Now < _awayUntil;

    /// <summary>When something last happened that cannot be expected to pass without consequences.</summary>
    public TimeSpan TroubleAt { get; private set; }

    public void At(TimeSpan time, Action action) => _events.Enqueue(action, ((time > Now ? time : Now).Ticks << NumberBits) + _number++);

    public void After(TimeSpan delay, Action action) => At(Now + delay, action);

    public void Log([InterpolatedStringHandlerArgument("")] ref ModelText line) =>
        Trace?.Add(string.Create(
            CultureInfo.InvariantCulture, $"{(Now - TimeSpan.FromSeconds(1_000)).TotalSeconds,9:0.000} {line.ToStringAndClear()}"));

    public bool Next(TimeSpan until)
    {
        if (!_events.TryPeek(out var action, out var due) || due >> NumberBits > until.Ticks)
        {
            Now = until > Now ? until : Now;
            return false;
        }

        _events.Dequeue();
        var at = due >> NumberBits;
        _simultaneous = at > Now.Ticks ? 0 : _simultaneous + 1;
        ModelChecks.Holds(_simultaneous < MaxEventsAtOnce, "progress", $"{_simultaneous} events have happened without time passing");
        Now = TimeSpan.FromTicks(Math.Max(Now.Ticks, at));
        Events++;
        action();
        Checks.AfterEvent();
        return true;
    }

    public bool Occurs(ModelFaults fault, double weight = 1) =>
        HasFaults && (Plan.Faults & fault) != ModelFaults.None && _random.NextBool(Plan.FaultProbability * weight);

    public void SetTrouble(TimeSpan until = default) => TroubleAt = until > TroubleAt ? until : Now > TroubleAt ? Now : TroubleAt;

    public void LoseStore(TimeSpan time)
    {
        _awayUntil = Now + time;
        SetTrouble(_awayUntil);
        Log($"the store is away for {time.TotalSeconds:0.0} s");
    }

    /// <summary>Sends a request of a process to the store.</summary>
    public void Call<TAnswer>(ModelProcess process, Func<TAnswer> execute, Action<TAnswer> answered, Action failed)
    {
        var toStore = _random.NextMilliseconds(0.5, 20);
        var fromStore = _random.NextMilliseconds(0.5, 20);
        var mayBeLate = Occurs(ModelFaults.SlowStore, 0.3);
        if (mayBeLate)
        {
            toStore = _random.NextMilliseconds(1, _random.NextBool(0.3) ? 8_000 : 1_500);
            SetTrouble(Now + toStore);
        }

        var isAnswerLost = Occurs(ModelFaults.LostAnswers, 0.2);
        if (isAnswerLost)
            SetTrouble();
        var timeout = Plan.Options.LeaseTtl / 3;
        var isDone = false;
        After(timeout, () =>
        {
            if (isDone)
                return;
            isDone = true;
            process.Post(failed);
        });
        After(toStore, () =>
        {
            if (IsAway || process.IsCut)
                return;
            Store.Now = Now;
            var answer = execute();
            Checks.AfterStore();
            After(fromStore, () =>
            {
                if (isDone || isAnswerLost || IsAway || process.IsCut)
                    return;
                isDone = true;
                process.Post(() => answered(answer));
            });
        });
    }

    /// <summary>Notifies all processes of a change.</summary>
    public void Notify()
    {
        foreach (var process in Processes)
        {
            if (process.IsAlive && !process.IsCut && !IsAway && !Occurs(ModelFaults.LostNotifications, 1.5))
                After(_random.NextMilliseconds(1, 10), () => process.Post(process.Wake));
        }
    }
}

namespace KisFeed.Simulation.Plans;

/// <summary>Whether something goes wrong now: by the plan, until the faults stop.</summary>
internal sealed class Faults(SimulationPlan plan)
{
    private readonly Chance _chance = new(plan.Seed, 1);

    public bool HaveStopped { get; private set; }

    /// <summary>Whether something of this kind goes wrong at this moment.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="weight">How much more or less likely than others it is.</param>
    public bool Strike(FaultKinds kind, double weight = 1) => IsOn(kind) && _chance.Hits(plan.Trouble * weight);

    /// <summary>Whether things of this kind go wrong at all.</summary>
    public bool IsOn(FaultKinds kind) => !HaveStopped && (plan.Faults & kind) != FaultKinds.None;

    public void Stop() => HaveStopped = true;
}

using KisFeed.Simulation.Plans;

namespace KisFeed.Simulation;

/// <summary>How a simulation went.</summary>
/// <param name="Plan">What was simulated.</param>
/// <param name="Events">Events until it ended.</param>
/// <param name="Invariant">What did not hold; <see langword="null"/> where all did.</param>
/// <param name="Message">How it did not.</param>
/// <param name="Trace">What happened, where that was asked for.</param>
public sealed record SimulationResult(SimulationPlan Plan, int Events, string? Invariant, string? Message, IReadOnlyList<string> Trace)
{
    public bool IsFailure => Invariant is not null;
}

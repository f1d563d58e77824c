using KisFeed.Simulation.Plans;

namespace KisFeed.Simulation.Running;

/// <summary>Shrinks a failure: removes everything without which the same invariant still fails.</summary>
/// <param name="run">Runs a plan.</param>
internal sealed class Shrinker(Func<SimulationPlan, SimulationResult> run)
{
    private const int OtherSeeds = 300;
    private const int MaxRounds = 40;

    /// <summary>Returns the shortest failure of the same invariant that was found.</summary>
    public SimulationResult Shrink(SimulationResult failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        var best = Reduce(failure);

        // With other random numbers, the same parameters may fail earlier.
        var plan = best.Plan;
        for (var i = 1; i <= OtherSeeds; i++)
            best = Better(best, plan with { Seed = failure.Plan.Seed + (i * 1_000_003L) });
        return Reduce(best);
    }

    private SimulationResult Reduce(SimulationResult failure)
    {
        var best = failure;
        for (var round = 0; round < MaxRounds; round++)
        {
            var before = best;
            foreach (var plan in Smaller(best.Plan))
                best = Better(best, plan);
            if (best == before)
                break;
        }

        return best;
    }

    private SimulationResult Better(SimulationResult best, SimulationPlan plan)
    {
        if (plan == best.Plan)
            return best;
        var result = run(plan);
        return result.Invariant == best.Invariant
            && result.Events <= best.Events
            && (result.Events < best.Events || Size(plan) < Size(best.Plan))
            ? result
            : best;
    }

    private static int Size(SimulationPlan plan) =>
        System.Numerics.BitOperations.PopCount((uint)plan.Faults) + plan.Sessions + plan.Keys + plan.Limit + plan.Priorities
            + plan.Steps;

    private static IEnumerable<SimulationPlan> Smaller(SimulationPlan plan)
    {
        foreach (var fault in Enum.GetValues<SimulatedFaults>())
        {
            if (plan.Faults.HasFlag(fault))
                yield return plan with { Faults = plan.Faults & ~fault };
        }

        foreach (var steps in (int[])[plan.Steps / 2, plan.Steps * 9 / 10, plan.Steps - 1])
            yield return plan with { Steps = Math.Max(1, steps) };
        yield return plan with { Sessions = Math.Max(1, plan.Sessions - 1) };
        foreach (var keys in (int[])[1, plan.Keys / 2, plan.Keys - 1])
            yield return plan with { Keys = Math.Max(1, keys) };
        foreach (var limit in (int[])[1, plan.Limit / 2, plan.Limit - 1])
            yield return plan with { Limit = Math.Max(1, limit) };
        yield return plan with { Priorities = Math.Max(1, plan.Priorities - 1) };
        yield return plan with { LongestPause = plan.LongestPause / 4 };
    }
}

using System.Globalization;
using System.Numerics;
using System.Text;

namespace KisFeed.Coordination.Tests.Model;

/// <summary>Shrinks a failure: removes everything without which the same invariant still fails, and describes the rest.</summary>
internal static class ModelShrinker
{
    private const int OtherSeeds = 200;

    public static string Report(ModelResult failure)
    {
        var best = Reduce(failure);
        for (var i = 1; i <= OtherSeeds; i++)
            best = Better(best, best.Plan with { Seed = failure.Plan.Seed + (i * 1_000_003L) });
        best = Reduce(best);
        var traced = ModelRun.Run(best.Plan, isTraced: true);
        return new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"{failure.Plan}")
            .AppendLine(CultureInfo.InvariantCulture, $"failed after {failure.Events} events: {failure.Invariant}: {failure.Message}")
            .AppendLine(CultureInfo.InvariantCulture, $"repeat it with KISFEED_COORDINATION_SEED={failure.Plan.Seed}")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"The shortest sequence found, {traced.Events} events, {traced.Plan}:")
            .AppendJoin(Environment.NewLine, traced.Trace)
            .AppendLine()
            .AppendLine(traced.Message)
            .ToString();
    }

    private static ModelResult Reduce(ModelResult failure)
    {
        var best = failure;
        ModelResult before;
        do
        {
            before = best;
            foreach (var plan in Smaller(best.Plan))
                best = Better(best, plan);
        }
        while (best != before);
        return best;
    }

    private static ModelResult Better(ModelResult best, ModelPlan plan)
    {
        if (plan == best.Plan)
            return best;
        var result = ModelRun.Run(plan);
        return result.Invariant == best.Invariant
            && result.Events <= best.Events
            && (result.Events < best.Events || Size(plan) < Size(best.Plan))
            ? result
            : best;
    }

    private static int Size(ModelPlan plan) =>
        BitOperations.PopCount((uint)plan.Faults) + plan.AppKeys + plan.Holders + plan.Edges + plan.Keys + plan.Slots + plan.Steps;

    private static IEnumerable<ModelPlan> Smaller(ModelPlan plan)
    {
        foreach (var fault in Enum.GetValues<ModelFaults>())
        {
            if ((plan.Faults & fault) != ModelFaults.None)
                yield return plan with { Faults = plan.Faults & ~fault };
        }

        foreach (var steps in (int[])[plan.Steps / 2, plan.Steps * 9 / 10, plan.Steps - 1])
            yield return plan with { Steps = Math.Max(1, steps) };
        yield return plan with { AppKeys = Math.Max(1, plan.AppKeys - 1) };
        yield return plan with { Holders = Math.Max(1, plan.Holders - 1) };
        yield return plan with { Edges = Math.Max(1, plan.Edges - 1) };
        foreach (var keys in (int[])[1, plan.Keys / 2, plan.Keys - 1])
            yield return plan with { Keys = Math.Max(1, keys) };
        yield return plan with { Slots = Math.Max(1, plan.Slots - 1) };
    }
}

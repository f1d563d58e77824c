using System.Globalization;
using System.Text;

namespace KisFeed.Simulation.Running;

/// <summary>Says of a failure how it came about, and how it is seen again.</summary>
public static class FailureReport
{
    /// <summary>Makes a failure smaller and tells of both.</summary>
    public static string Of(SimulationResult failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        var shortest = new Shrinker(plan => SimulationRun.Run(plan)).Shrink(failure);
        var traced = SimulationRun.Run(shortest.Plan, isTraced: true);
        return new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"{failure.Plan}")
            .AppendLine(CultureInfo.InvariantCulture, $"failed after {failure.Events} events: {failure.Message}")
            .AppendLine(CultureInfo.InvariantCulture, $"replay it: dotnet run -c Release --project tests/KisFeed.Simulation -- --seed {failure.Plan.Seed} --trace")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"The shortest way to it that was found, {traced.Events} events, {shortest.Plan}:")
            .AppendJoin(Environment.NewLine, traced.Trace)
            .AppendLine()
            .AppendLine(traced.Message)
            .ToString();
    }
}

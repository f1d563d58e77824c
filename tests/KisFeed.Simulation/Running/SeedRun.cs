using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using KisFeed.Simulation.Plans;

namespace KisFeed.Simulation.Running;

/// <summary>Runs the plans of many seeds, several in parallel, until one fails.</summary>
internal sealed class SeedRun
{
    private long _seeds;
    private long _events;

    /// <summary>Number of completed seeds.</summary>
    public long Seeds => Volatile.Read(ref _seeds);

    /// <summary>Number of events of these seeds.</summary>
    public long Events => Volatile.Read(ref _events);

    /// <summary>Runs seeds in ascending order.</summary>
    /// <param name="from">The first seed.</param>
    /// <param name="count">The number of seeds.</param>
    /// <param name="cancellationToken">Ends the run early.</param>
    /// <returns>The failure with the lowest seed; <see langword="null"/> if none fails.</returns>
    public SimulationResult? Run(long from, long count, CancellationToken cancellationToken)
    {
        var failures = new ConcurrentBag<SimulationResult>();
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        try
        {
            Parallel.ForEach(Partitioner.Create(Numbers(from, count), EnumerablePartitionerOptions.NoBuffering), options, (seed, state) =>
            {
                var result = SimulationRun.Run(SimulationPlan.Of(seed));
                Interlocked.Increment(ref _seeds);
                Interlocked.Add(ref _events, result.Events);
                if (!result.IsFailure)
                    return;
                failures.Add(result);
                state.Break();
            });
        }
        catch (OperationCanceledException)
        {
            Debug.Assert(cancellationToken.IsCancellationRequested, "only the caller cancels");
        }

        return failures.MinBy(f => f.Plan.Seed);
    }

    private static IEnumerable<long> Numbers(long from, long count)
    {
        for (var i = 0L; i < count; i++)
            yield return from + i;
    }
}

/// <summary>Describes a failure and how to reproduce it.</summary>
internal static class FailureReport
{
    /// <summary>Shrinks a failure, and describes the original and the result.</summary>
    public static string Of(SimulationResult failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        var shortest = new Shrinker(plan => SimulationRun.Run(plan)).Shrink(failure);
        var traced = SimulationRun.Run(shortest.Plan, isTraced: true);
        return new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"{failure.Plan}")
            .AppendLine(CultureInfo.InvariantCulture, $"failed after {failure.Events} events: {failure.Message}")
            .AppendLine(
                CultureInfo.InvariantCulture,
                $"replay it: dotnet run -c Release --project tests/KisFeed.Simulation -- --seed {failure.Plan.Seed} --trace")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"The shortest sequence found, {traced.Events} events, {shortest.Plan}:")
            .AppendJoin(Environment.NewLine, traced.Trace)
            .AppendLine()
            .AppendLine(traced.Message)
            .ToString();
    }
}

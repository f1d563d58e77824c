using System.Collections.Concurrent;
using System.Diagnostics;
using KisFeed.Simulation.Plans;

namespace KisFeed.Simulation.Running;

/// <summary>Runs the plans of many seeds, several at a time, until one fails.</summary>
public sealed class SeedRun
{
    private long _seeds;
    private long _events;

    /// <summary>Seeds done so far.</summary>
    public long Seeds => Volatile.Read(ref _seeds);

    /// <summary>Events of these.</summary>
    public long Events => Volatile.Read(ref _events);

    /// <summary>Runs seeds in ascending order.</summary>
    /// <param name="from">The first.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>The failure of the lowest seed that fails; <see langword="null"/> where none does.</returns>
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
            Debug.Assert(cancellationToken.IsCancellationRequested, "nobody else cancels");
        }

        return failures.MinBy(f => f.Plan.Seed);
    }

    private static IEnumerable<long> Numbers(long from, long count)
    {
        for (var i = 0L; i < count; i++)
            yield return from + i;
    }
}

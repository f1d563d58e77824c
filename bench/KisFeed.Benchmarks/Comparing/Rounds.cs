using System.Diagnostics;

namespace KisFeed.Benchmarks.Comparing;

/// <summary>Runs candidates alternately, so that disturbances of the machine affect all of them.</summary>
/// <param name="showProgress">Receives progress messages.</param>
/// <param name="isBrief">Whether each candidate runs only once, without a warm-up.</param>
internal sealed class Rounds(Action<string> showProgress, bool isBrief = false)
{
    /// <summary>Whether the run shows only that everything works: suites then use small amounts of data.</summary>
    public bool IsBrief => isBrief;

    /// <summary>Runs every candidate once to warm up, and then <paramref name="count"/> times, each time in another order.</summary>
    public Task<IReadOnlyList<CandidateResult>> RunAsync(
        string subject, IReadOnlyList<Candidate> candidates, int count, CancellationToken cancellationToken) =>
        RunAsync(subject, candidates, count, TimeSpan.Zero, cancellationToken);

    /// <summary>
    /// Runs every candidate at least once to warm up, and then <paramref name="count"/> times, each time in another order.
    /// </summary>
    /// <param name="subject">The subject, for progress messages.</param>
    /// <param name="candidates">The candidates.</param>
    /// <param name="count">The number of measured rounds.</param>
    /// <param name="warmUp">The minimum time of the warm-up: for small methods tiered compilation takes longer than one round.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    public async Task<IReadOnlyList<CandidateResult>> RunAsync(
        string subject, IReadOnlyList<Candidate> candidates, int count, TimeSpan warmUp, CancellationToken cancellationToken)
    {
        var figures = candidates.ToDictionary(c => c.Name, _ => new List<IReadOnlyList<Figure>>(), StringComparer.Ordinal);
        var watch = Stopwatch.StartNew();
        if (isBrief)
            count = 1;
        for (var isFirst = true; !isBrief && (isFirst || watch.Elapsed < warmUp); isFirst = false)
            await RunOnceAsync(candidates, 0, $"{subject}: warming up", (_, _) => { }, cancellationToken);

        for (var round = 1; round <= count; round++)
        {
            await RunOnceAsync(
                candidates, round, $"{subject}: round {round} of {count}", (name, measured) => figures[name].Add(measured),
                cancellationToken);
        }
        return [.. candidates.Select(c => new CandidateResult(c.Name, Medians(figures[c.Name])))];
    }

    private async Task RunOnceAsync(
        IReadOnlyList<Candidate> candidates, int first, string what, Action<string, IReadOnlyList<Figure>> record,
        CancellationToken cancellationToken)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            var candidate = candidates[(i + first) % candidates.Count];
            showProgress($"{what}, {candidate.Name}");
            cancellationToken.ThrowIfCancellationRequested();
            record(candidate.Name, await candidate.RoundAsync(cancellationToken));
        }
    }

    private static Figure[] Medians(List<IReadOnlyList<Figure>> rounds) =>
        [.. rounds.SelectMany(r => r).GroupBy(f => f.Name, StringComparer.Ordinal)
            .Select(g => g.First() with { Value = Median([.. g.Select(f => f.Value)]) })];

    private static double Median(double[] values)
    {
        Array.Sort(values);
        var middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}

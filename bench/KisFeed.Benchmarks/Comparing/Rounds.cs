namespace KisFeed.Benchmarks.Comparing;

/// <summary>Lets contestants do their work in turns, so that what disturbs the machine for a while disturbs all of them.</summary>
/// <param name="tell">Told what is going on.</param>
internal sealed class Rounds(Action<string> tell)
{
    /// <summary>Runs every contestant once to warm up, and then <paramref name="count"/> times, each time in another order.</summary>
    public async Task<IReadOnlyList<Standing>> RunAsync(string subject, IReadOnlyList<Contestant> contestants, int count, CancellationToken cancellationToken)
    {
        var figures = contestants.ToDictionary(c => c.Name, _ => new List<IReadOnlyList<Figure>>(), StringComparer.Ordinal);
        for (var round = 0; round <= count; round++)
        {
            for (var i = 0; i < contestants.Count; i++)
            {
                var contestant = contestants[(i + round) % contestants.Count];
                tell($"{subject}: {(round == 0 ? "warming up" : $"round {round} of {count}")}, {contestant.Name}");
                cancellationToken.ThrowIfCancellationRequested();
                var measured = await contestant.RoundAsync(cancellationToken);
                if (round > 0)
                    figures[contestant.Name].Add(measured);
            }
        }

        return [.. contestants.Select(c => new Standing(c.Name, Medians(figures[c.Name])))];
    }

    private static Figure[] Medians(List<IReadOnlyList<Figure>> rounds) =>
        [.. rounds.SelectMany(r => r).GroupBy(f => f.Name, StringComparer.Ordinal).Select(g => g.First() with { Value = Median([.. g.Select(f => f.Value)]) })];

    private static double Median(double[] values)
    {
        Array.Sort(values);
        var middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}

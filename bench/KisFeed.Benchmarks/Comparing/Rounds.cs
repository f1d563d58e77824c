using System.Diagnostics;

namespace KisFeed.Benchmarks.Comparing;

/// <summary>Lets contestants do their work in turns, so that what disturbs the machine for a while disturbs all of them.</summary>
/// <param name="tell">Told what is going on.</param>
internal sealed class Rounds(Action<string> tell)
{
    /// <summary>Runs every contestant once to warm up, and then <paramref name="count"/> times, each time in another order.</summary>
    public Task<IReadOnlyList<Standing>> RunAsync(string subject, IReadOnlyList<Contestant> contestants, int count, CancellationToken cancellationToken) =>
        RunAsync(subject, contestants, count, TimeSpan.Zero, cancellationToken);

    /// <summary>Runs every contestant to warm up, once at least, and then <paramref name="count"/> times, each time in another order.</summary>
    /// <param name="subject">What it is about.</param>
    /// <param name="contestants">Who takes turns.</param>
    /// <param name="count">How many rounds count.</param>
    /// <param name="warmUp">How long to warm up: code is compiled anew a while after it has been called often, which for what is small takes more than a round.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<Standing>> RunAsync(string subject, IReadOnlyList<Contestant> contestants, int count, TimeSpan warmUp, CancellationToken cancellationToken)
    {
        var figures = contestants.ToDictionary(c => c.Name, _ => new List<IReadOnlyList<Figure>>(), StringComparer.Ordinal);
        var watch = Stopwatch.StartNew();
        do
        {
            await RunOnceAsync(contestants, 0, $"{subject}: warming up", (_, _) => { }, cancellationToken);
        }
        while (watch.Elapsed < warmUp);

        for (var round = 1; round <= count; round++)
            await RunOnceAsync(contestants, round, $"{subject}: round {round} of {count}", (name, measured) => figures[name].Add(measured), cancellationToken);
        return [.. contestants.Select(c => new Standing(c.Name, Medians(figures[c.Name])))];
    }

    private async Task RunOnceAsync(IReadOnlyList<Contestant> contestants, int first, string what, Action<string, IReadOnlyList<Figure>> take, CancellationToken cancellationToken)
    {
        for (var i = 0; i < contestants.Count; i++)
        {
            var contestant = contestants[(i + first) % contestants.Count];
            tell($"{what}, {contestant.Name}");
            cancellationToken.ThrowIfCancellationRequested();
            take(contestant.Name, await contestant.RoundAsync(cancellationToken));
        }
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

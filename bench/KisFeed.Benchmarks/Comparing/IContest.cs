namespace KisFeed.Benchmarks.Comparing;

/// <summary>Something that <c>compare</c> can be asked for.</summary>
internal interface IContest
{
    /// <summary>The word that asks for it, e.g. <c>decode</c>.</summary>
    string Name { get; }

    /// <summary>What it measures, in one line.</summary>
    string Description { get; }

    /// <summary>Measures: ours and the others in this one run, in turns. Within a minute.</summary>
    IAsyncEnumerable<Comparison> RunAsync(Rounds rounds, CancellationToken cancellationToken);
}

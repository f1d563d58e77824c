namespace KisFeed.Benchmarks.Comparing;

/// <summary>The results for one subject: a table, and its targets.</summary>
/// <param name="Subject">What was compared, e.g. <c>decode: H0UPCNT0, 156 bytes</c>.</param>
/// <param name="Results">The table.</param>
/// <param name="Targets">The targets.</param>
/// <param name="Notes">Notes on the table, e.g. about what could not be measured on this machine.</param>
internal sealed record Comparison(
    string Subject, IReadOnlyList<CandidateResult> Results, IReadOnlyList<Target> Targets, IReadOnlyList<string> Notes);

/// <summary>One number of a measurement.</summary>
/// <param name="Name">The name, e.g. <c>frames a second</c>; the same for all candidates of a comparison.</param>
/// <param name="Unit">Its unit, e.g. <c>ns</c>; empty for a plain count.</param>
/// <param name="Value">The number.</param>
internal sealed record Figure(string Name, string Unit, double Value);

/// <summary>The figures of a candidate: the median of its rounds for each.</summary>
internal sealed record CandidateResult(string Name, IReadOnlyList<Figure> Medians)
{
    /// <summary>The median of a figure.</summary>
    /// <exception cref="KeyNotFoundException">There is no figure of this name.</exception>
    public double this[string figure] =>
        Medians.FirstOrDefault(f => f.Name == figure)?.Value ?? throw new KeyNotFoundException($"'{Name}' was not measured for '{figure}'");
}

/// <summary>One implementation of the compared work.</summary>
/// <param name="Name">For people, e.g. <c>KisFeed, typed</c>.</param>
/// <param name="RoundAsync">Does the work for about a second and returns the measured figures. The first round is
/// a warm-up and is discarded.</param>
internal sealed record Candidate(string Name, Func<CancellationToken, Task<IReadOnlyList<Figure>>> RoundAsync);

/// <summary>A suite of <c>compare</c>.</summary>
internal interface IBenchmarkSuite
{
    /// <summary>The name on the command line, e.g. <c>decode</c>.</summary>
    string Name { get; }

    /// <summary>What it measures, in one line.</summary>
    string Description { get; }

    /// <summary>Measures all candidates alternately in one run, within a minute.</summary>
    IAsyncEnumerable<Comparison> RunAsync(Rounds rounds, CancellationToken cancellationToken);
}

/// <summary>The direction of a limit.</summary>
internal enum Bound
{
    AtLeast,
    AtMost,
}

/// <summary>A target and the measured value.</summary>
/// <param name="Claim">What the value is, e.g. <c>typed decode against Split and decimal.Parse</c>.</param>
/// <param name="Value">The measured value, usually a ratio of two medians of the same run.</param>
/// <param name="Unit"><c>×</c> for a ratio.</param>
/// <param name="Bound">The direction of the limit.</param>
/// <param name="Limit">The limit.</param>
internal sealed record Target(string Claim, double Value, string Unit, Bound Bound, double Limit)
{
    public bool Holds => Bound == Bound.AtLeast ? Value >= Limit : Value <= Limit;
}

using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace KisFeed.Benchmarks.Comparing;

/// <summary>The outcome for one subject: a table, and the goals that were set for it.</summary>
/// <param name="Subject">What was compared, e.g. <c>decode: H0UPCNT0, 156 bytes</c>.</param>
/// <param name="Standings">The table.</param>
/// <param name="Targets">The goals.</param>
/// <param name="Notes">What a reader has to know to read the table right, such as what could not be measured here.</param>
internal sealed record Comparison(string Subject, IReadOnlyList<Standing> Standings, IReadOnlyList<Target> Targets, IReadOnlyList<string> Notes);

/// <summary>One number of a measurement.</summary>
/// <param name="Name">What it is, e.g. <c>frames a second</c>. The same name means the same thing for all contestants of a comparison.</param>
/// <param name="Unit">Its unit, e.g. <c>ns</c>; empty for a plain count.</param>
/// <param name="Value">The number.</param>
internal sealed record Figure(string Name, string Unit, double Value);

/// <summary>What a contestant reached: the median of its rounds, figure by figure.</summary>
internal sealed record Standing(string Name, IReadOnlyList<Figure> Medians)
{
    /// <summary>The median of a figure.</summary>
    /// <exception cref="KeyNotFoundException">There is none of this name.</exception>
    public double this[string figure] =>
        Medians.FirstOrDefault(f => f.Name == figure)?.Value ?? throw new KeyNotFoundException($"'{Name}' was not measured for '{figure}'");
}

/// <summary>One way of doing the work that is compared.</summary>
/// <param name="Name">For people, e.g. <c>KisFeed, typed</c>.</param>
/// <param name="RoundAsync">Does the work once, for a second or so, and tells what it measured. The first round of each is a warm-up whose figures are thrown away.</param>
internal sealed record Contestant(string Name, Func<CancellationToken, Task<IReadOnlyList<Figure>>> RoundAsync);

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

/// <summary>Which side of a limit is the good one.</summary>
internal enum Bound
{
    AtLeast,
    AtMost,
}

/// <summary>What was set as a goal, and what came out.</summary>
/// <param name="Claim">What the value is, e.g. <c>typed decode against Split and decimal.Parse</c>.</param>
/// <param name="Value">What was measured, as a rule a ratio of two medians of the same run.</param>
/// <param name="Unit"><c>×</c> for a ratio.</param>
/// <param name="Bound">Which side of the limit is wanted.</param>
/// <param name="Limit">The goal.</param>
internal sealed record Target(string Claim, double Value, string Unit, Bound Bound, double Limit)
{
    public bool Holds => Bound == Bound.AtLeast ? Value >= Limit : Value <= Limit;
}

/// <summary>What the figures were measured on.</summary>
internal sealed record Machine(string Processor, int Cores, string Vectors, string System, string Runtime, DateTimeOffset Date)
{
    public static Machine Current() => new(
        ProcessorName(),
        Environment.ProcessorCount,
        VectorName(),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        TimeProvider.System.GetUtcNow());

    private static string ProcessorName()
    {
        const string Source = "/proc/cpuinfo";
        var line = File.Exists(Source) ? File.ReadLines(Source).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':') + 1)..].Trim();
    }

    private static string VectorName() => Avx512Vbmi2.IsSupported ? "AVX-512 VBMI2" : Avx2.IsSupported ? "AVX2" : "none used";
}

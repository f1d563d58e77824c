namespace KisFeed.Benchmarks.Comparing;

/// <summary>What a contestant reached: the median of its rounds, figure by figure.</summary>
internal sealed record Standing(string Name, IReadOnlyList<Figure> Medians)
{
    /// <summary>The median of a figure.</summary>
    /// <exception cref="KeyNotFoundException">There is none of this name.</exception>
    public double this[string figure] =>
        Medians.FirstOrDefault(f => f.Name == figure)?.Value ?? throw new KeyNotFoundException($"'{Name}' was not measured for '{figure}'");
}

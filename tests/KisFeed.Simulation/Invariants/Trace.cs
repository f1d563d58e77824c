using System.Globalization;

namespace KisFeed.Simulation.Invariants;

/// <summary>What happened, line by line.</summary>
internal sealed class Trace
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public void Add(TimeSpan at, string line) => _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{at.TotalSeconds,12:0.000} {line}"));
}

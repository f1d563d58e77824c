using System.Collections.Concurrent;
using KisFeed.Soak.Checks;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>What became of the visits. For any thread.</summary>
internal sealed class VisitLog(Findings findings)
{
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, long> Counts => _counts;

    public void Count(string what, long more = 1) => _counts.AddOrUpdate(what, more, (_, count) => count + more);

    public void Wrong(string what) => findings.Add(what);
}

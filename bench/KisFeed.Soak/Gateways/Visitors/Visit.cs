using System.Collections.Concurrent;
using System.Collections.Immutable;
using KisFeed.Soak.Checks;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>What somebody wants of the gateway, and how it goes about it.</summary>
internal sealed record Visit
{
    public required Token Token { get; init; }

    public required ImmutableArray<(string TrId, string Key)> Keys { get; init; }

    public required Manner Manner { get; init; }

    /// <summary>Whether it leaves as the protocol has it, or the connection just ends.</summary>
    public required bool IsPolite { get; init; }

    /// <summary>How long it stays.</summary>
    public required TimeSpan Stay { get; init; }

    /// <summary>How the stream is to treat a visitor that does not keep up; other protocols have no choice.</summary>
    public required string Overflow { get; init; }

    /// <summary>Records that may wait for a stream.</summary>
    public required int Queue { get; init; }

    public string Subscriptions => string.Join(',', Keys.Select(k => $"{k.TrId}:{k.Key}"));
}

/// <summary>Knows one of the gateway's protocols.</summary>
internal interface IVisitor
{
    string Name { get; }

    /// <summary>Connects, reads as the visit says, and leaves. Whatever ends it early is thrown.</summary>
    /// <param name="visit">What is wanted.</param>
    /// <param name="wire">The connection to use, which whoever gave it ends.</param>
    /// <param name="onRecord">Called with the TR ID of every record, or frame.</param>
    /// <param name="cancellation">Ends the stay at once.</param>
    Task VisitAsync(Visit visit, Wire wire, Action<string> onRecord, CancellationToken cancellation);
}

/// <summary>How a visitor reads.</summary>
internal enum Manner
{
    /// <summary>As fast as it comes.</summary>
    Reads,

    /// <summary>A little at a time.</summary>
    Dawdles,

    /// <summary>Not at all, once it is connected.</summary>
    IsDeaf,
}

/// <summary>What became of the visits. For any thread.</summary>
internal sealed class VisitLog(Findings findings)
{
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, long> Counts => _counts;

    public void Count(string what, long more = 1) => _counts.AddOrUpdate(what, more, (_, count) => count + more);

    public void Wrong(string what) => findings.Add(what);
}

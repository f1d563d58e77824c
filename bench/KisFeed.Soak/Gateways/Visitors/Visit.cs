using System.Collections.Concurrent;
using System.Collections.Immutable;
using KisFeed.Soak.Checks;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>The parameters of one visit to the gateway.</summary>
internal sealed record Visit
{
    public required Token Token { get; init; }

    public required ImmutableArray<(string TrId, string Key)> Keys { get; init; }

    public required ReadingBehavior ReadingBehavior { get; init; }

    /// <summary>Whether it closes as the protocol requires, or aborts the connection.</summary>
    public required bool ClosesCleanly { get; init; }

    /// <summary>The duration of the visit.</summary>
    public required TimeSpan Stay { get; init; }

    /// <summary>The overflow policy of a stream; not used in the broker's protocol.</summary>
    public required string Overflow { get; init; }

    /// <summary>The queue of a stream, in records.</summary>
    public required int Queue { get; init; }

    public string Subscriptions => string.Join(',', Keys.Select(k => $"{k.TrId}:{k.Key}"));
}

/// <summary>A client of one of the gateway's protocols.</summary>
internal interface IVisitor
{
    string Name { get; }

    /// <summary>Connects, reads and disconnects. Throws if the visit ends early.</summary>
    /// <param name="visit">The parameters of the visit.</param>
    /// <param name="connection">The connection to use; disposed by the caller.</param>
    /// <param name="onRecord">Called with the TR ID of every record or frame.</param>
    /// <param name="cancellation">Ends the visit immediately.</param>
    Task VisitAsync(Visit visit, VisitorConnection connection, Action<string> onRecord, CancellationToken cancellation);
}

/// <summary>The speed at which a visitor reads.</summary>
internal enum ReadingBehavior
{
    /// <summary>As fast as data arrive.</summary>
    Promptly,

    /// <summary>With delays.</summary>
    Slowly,

    /// <summary>Not at all after connecting.</summary>
    NotAtAll,
}

/// <summary>Counts events of visits. Thread-safe.</summary>
internal sealed class VisitLog(Findings findings)
{
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, long> Counts => _counts;

    public void Count(string what, long more = 1) => _counts.AddOrUpdate(what, more, (_, count) => count + more);

    public void ReportError(string what) => findings.Add(what);
}

using System.Collections.Immutable;

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

using KisFeed.Soak.Gateways.Measures;

namespace KisFeed.Soak.Gateways;

/// <summary>The result of a soak of the gateway.</summary>
internal sealed record GatewaySoakResult
{
    public required GatewaySoakOptions Options { get; init; }

    public required bool IsInterrupted { get; init; }

    public required TimeSpan Elapsed { get; init; }

    public required TimeSpan SettledWithin { get; init; }

    public required IReadOnlyList<GatewaySample> Samples { get; init; }

    /// <summary>After all consumers have disconnected.</summary>
    public required GatewaySample Empty { get; init; }

    /// <summary>After a full collection as well.</summary>
    public required GatewaySample Collected { get; init; }

    public required CaptureFigures Capture { get; init; }

    public required IReadOnlyDictionary<string, int> Faults { get; init; }

    public required IReadOnlyDictionary<string, long> Visits { get; init; }

    public required long FindingCount { get; init; }

    public required IReadOnlyList<string> Findings { get; init; }

    public bool HasPassed => FindingCount == 0;
}

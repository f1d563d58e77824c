namespace KisFeed.Soak.Measures;

/// <summary>What a soak has come to.</summary>
internal sealed record SoakResult
{
    public required SoakOptions Options { get; init; }

    /// <summary>Whether it was ended before its time.</summary>
    public required bool IsInterrupted { get; init; }

    public required int Subscriptions { get; init; }

    /// <summary>How long was measured: while things went wrong, and until everything was restored.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>From the last fault until everything was confirmed and heard of again.</summary>
    public required TimeSpan SettledWithin { get; init; }

    /// <summary>After warming up and after a collection.</summary>
    public required ProcessState Start { get; init; }

    /// <summary>At the end, after a collection.</summary>
    public required ProcessState End { get; init; }

    /// <summary>What came in between.</summary>
    public required Flow Flow { get; init; }

    public required IReadOnlyList<Sample> Samples { get; init; }

    /// <summary>What went wrong on purpose, warming up included, and how often.</summary>
    public required IReadOnlyDictionary<string, int> Faults { get; init; }

    /// <summary>Subscriptions that came and went, warming up included.</summary>
    public required long Churned { get; init; }

    public required long ChurnRefused { get; init; }

    public required long ChurnCancelled { get; init; }

    /// <summary>Warnings that the client logged, warming up included.</summary>
    public required long Warnings { get; init; }

    public required long FindingCount { get; init; }

    public required IReadOnlyList<string> Findings { get; init; }

    public bool HasPassed => FindingCount == 0;

    /// <summary>So many in a second.</summary>
    public double PerSecond(double count) => count / Math.Max(Elapsed.TotalSeconds, 0.001);
}

/// <summary>How it went up to a moment of the run.</summary>
/// <param name="At">Since the run began.</param>
/// <param name="State">What the process takes.</param>
/// <param name="Flow">What has come since the run began.</param>
internal sealed record Sample(TimeSpan At, ProcessState State, Flow Flow);

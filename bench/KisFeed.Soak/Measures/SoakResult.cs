namespace KisFeed.Soak.Measures;

/// <summary>The result of a soak.</summary>
internal sealed record SoakResult
{
    public required SoakOptions Options { get; init; }

    /// <summary>Whether it was interrupted.</summary>
    public required bool IsInterrupted { get; init; }

    public required int Subscriptions { get; init; }

    /// <summary>The measured time: with faults, and until everything had recovered.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The time from the last fault until all registrations were confirmed and delivered data again.</summary>
    public required TimeSpan SettledWithin { get; init; }

    /// <summary>After the warm-up and a collection.</summary>
    public required ProcessState Start { get; init; }

    /// <summary>At the end, after a collection.</summary>
    public required ProcessState End { get; init; }

    /// <summary>The counts in between.</summary>
    public required Flow Flow { get; init; }

    public required IReadOnlyList<Sample> Samples { get; init; }

    /// <summary>Injected faults and their counts, including the warm-up.</summary>
    public required IReadOnlyDictionary<string, int> Faults { get; init; }

    /// <summary>Subscriptions of the churner, including the warm-up.</summary>
    public required long Churned { get; init; }

    public required long ChurnRefused { get; init; }

    public required long ChurnCancelled { get; init; }

    /// <summary>Warnings logged by the client, including the warm-up.</summary>
    public required long Warnings { get; init; }

    public required long FindingCount { get; init; }

    public required IReadOnlyList<string> Findings { get; init; }

    public bool HasPassed => FindingCount == 0;

    /// <summary>A count per second.</summary>
    public double PerSecond(double count) => count / Math.Max(Elapsed.TotalSeconds, 0.001);
}

/// <summary>A sample of the run.</summary>
/// <param name="At">The time since the start.</param>
/// <param name="State">The resource use of the process.</param>
/// <param name="Flow">The counts since the start.</param>
internal sealed record Sample(TimeSpan At, ProcessState State, Flow Flow);

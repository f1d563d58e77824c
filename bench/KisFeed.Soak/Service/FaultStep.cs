using KisFeed.Soak.Checks;

namespace KisFeed.Soak.Service;

/// <summary>Something that goes wrong for a while.</summary>
/// <param name="Name">What the figures call it.</param>
/// <param name="Faults">What the simulator is told to do.</param>
internal sealed record FaultStep(string Name, params IReadOnlyList<string> Faults)
{
    /// <summary>What is done to connections as it begins.</summary>
    public ConnectionAction Action { get; init; }

    /// <summary>What it explains.</summary>
    public FaultEffect Effect { get; init; }
}

namespace KisFeed.Simulation.Invariants;

/// <summary>Something does not hold that always must.</summary>
#pragma warning disable RCS1194 // Thrown here alone, and never without an invariant.
internal sealed class InvariantException(string invariant, string what) : Exception($"{invariant}: {what}")
#pragma warning restore RCS1194
{
    /// <summary>The name of the invariant.</summary>
    public string Invariant => invariant;
}

namespace KisFeed.Session;

/// <summary>What follows the end of an attempt or a connection.</summary>
/// <param name="NotBefore">When the next attempt may be made at the earliest.</param>
/// <param name="Halt">Why there is none, where there is none.</param>
internal sealed record ReconnectDecision(TimeSpan NotBefore, HaltReason? Halt = null)
{
    public static ReconnectDecision Stop(HaltReason reason) => new(TimeSpan.MaxValue, reason);
}

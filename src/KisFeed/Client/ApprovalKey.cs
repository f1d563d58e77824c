namespace KisFeed;

/// <summary>An approval key.</summary>
/// <param name="Value">The key. Secret.</param>
/// <param name="IsFresh">Whether it was issued just now, rather than kept since earlier.</param>
/// <param name="HasServerEvents">Whether the server sends messages of its own to clients that ask for them (<see cref="Wire.ServerEvent"/>).</param>
internal readonly record struct ApprovalKey(string Value, bool IsFresh, bool HasServerEvents)
{
    public override string ToString() => $"ApprovalKey {{ IsFresh = {IsFresh} }}";
}

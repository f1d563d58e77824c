namespace KisFeed;

/// <summary>An approval key.</summary>
/// <param name="Value">The key. Secret.</param>
/// <param name="IsFresh">Whether it was issued just now, rather than kept since earlier.</param>
internal readonly record struct ApprovalKey(string Value, bool IsFresh)
{
    public override string ToString() => $"ApprovalKey {{ IsFresh = {IsFresh} }}";
}

namespace KisFeed.Benchmarks.Comparing;

/// <summary>Which side of a limit is the good one.</summary>
internal enum Bound
{
    AtLeast,
    AtMost,
}

namespace KisFeed.Benchmarks.Comparing;

/// <summary>What was set as a goal, and what came out.</summary>
/// <param name="Claim">What the value is, e.g. <c>typed decode against Split and decimal.Parse</c>.</param>
/// <param name="Value">What was measured, as a rule a ratio of two medians of the same run.</param>
/// <param name="Unit"><c>×</c> for a ratio.</param>
/// <param name="Bound">Which side of the limit is wanted.</param>
/// <param name="Limit">The goal.</param>
internal sealed record Target(string Claim, double Value, string Unit, Bound Bound, double Limit)
{
    public bool Holds => Bound == Bound.AtLeast ? Value >= Limit : Value <= Limit;
}

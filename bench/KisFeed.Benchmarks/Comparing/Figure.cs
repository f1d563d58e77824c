namespace KisFeed.Benchmarks.Comparing;

/// <summary>One number of a measurement.</summary>
/// <param name="Name">What it is, e.g. <c>frames a second</c>. The same name means the same thing for all contestants of a comparison.</param>
/// <param name="Unit">Its unit, e.g. <c>ns</c>; empty for a plain count.</param>
/// <param name="Value">The number.</param>
internal sealed record Figure(string Name, string Unit, double Value);

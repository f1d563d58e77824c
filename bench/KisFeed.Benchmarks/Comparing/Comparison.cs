namespace KisFeed.Benchmarks.Comparing;

/// <summary>The outcome for one subject: a table, and the goals that were set for it.</summary>
/// <param name="Subject">What was compared, e.g. <c>decode: H0UPCNT0, 156 bytes</c>.</param>
/// <param name="Standings">The table.</param>
/// <param name="Targets">The goals.</param>
/// <param name="Notes">What a reader has to know to read the table right, such as what could not be measured here.</param>
internal sealed record Comparison(string Subject, IReadOnlyList<Standing> Standings, IReadOnlyList<Target> Targets, IReadOnlyList<string> Notes);

namespace KisFeed.Benchmarks.Comparing;

/// <summary>One way of doing the work that is compared.</summary>
/// <param name="Name">For people, e.g. <c>KisFeed, typed</c>.</param>
/// <param name="RoundAsync">Does the work once, for a second or so, and tells what it measured. The first round of each is a warm-up whose figures are thrown away.</param>
internal sealed record Contestant(string Name, Func<CancellationToken, Task<IReadOnlyList<Figure>>> RoundAsync);

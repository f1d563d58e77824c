namespace KisFeed.Tests.Feeds;

/// <summary>The frames published in the broker's document.</summary>
internal static class Samples
{
    public static IReadOnlyList<string> All { get; } =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "data", "samples.txt")).Where(l => l.Length > 0 && l[0] != '#')];

    public static string Of(string trId) => All.Single(l => l.StartsWith($"0|{trId}|", StringComparison.Ordinal));
}

using System.Globalization;

namespace KisFeed.Cli.Captures;

/// <summary>Numbers of things, in words: <c>1 gap</c>, <c>2,000 gaps</c>.</summary>
internal static class CountText
{
    /// <summary>So many of them.</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">What one is called.</param>
    /// <param name="several">What several are called; one with an s unless said otherwise.</param>
    public static string Of(long count, string one, string? several = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : several ?? $"{one}s")}");
}

namespace KisFeed.Dashboard.Tests.Browsing;

/// <summary>Assertions on RGB colours.</summary>
internal static class ColorAssertions
{
    /// <summary>Asserts that one component exceeds the others clearly.</summary>
    public static void ShouldBeOf(this int[] color, int most, string message)
    {
        for (var i = 0; i < color.Length; i++)
        {
            if (i != most)
                color[most].ShouldBeGreaterThan(color[i] + 20, $"{message}: rgb({string.Join(' ', color)})");
        }
    }
}

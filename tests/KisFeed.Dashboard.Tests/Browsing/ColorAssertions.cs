namespace KisFeed.Dashboard.Tests.Browsing;

/// <summary>What a colour is at a glance.</summary>
internal static class ColorAssertions
{
    /// <summary>Demands that one of red, green and blue outweigh the others.</summary>
    public static void ShouldBeOf(this int[] color, int most, string message)
    {
        for (var i = 0; i < color.Length; i++)
        {
            if (i != most)
                color[most].ShouldBeGreaterThan(color[i] + 20, $"{message}: rgb({string.Join(' ', color)})");
        }
    }
}

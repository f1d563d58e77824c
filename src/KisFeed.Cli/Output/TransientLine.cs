namespace KisFeed.Cli.Output;

/// <summary>A line on a terminal that the next one replaces, such as a progress line.</summary>
internal static class TransientLine
{
    /// <summary>Removes the line.</summary>
    // The cursor stays at the beginning of the line: if a narrower terminal wraps the line, all of it is below the cursor.
    public const string Clear = "\r\e[J";

    private const string DoNotWrap = "\e[?7l";
    private const string Wrap = "\e[?7h";

    /// <summary>Replaces the line by a text of one line.</summary>
    // The terminal may have become narrower since its width was read. A text that it wrapped would leave all but its last line behind.
    public static string Of(string text) => $"{Clear}{DoNotWrap}{text}{Wrap}\r";
}

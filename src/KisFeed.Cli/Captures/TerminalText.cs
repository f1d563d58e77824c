namespace KisFeed.Cli.Captures;

/// <summary>Text of captures as a terminal may have it: what files say may hold what it would obey.</summary>
internal static class TerminalText
{
    /// <summary>The text, without characters that control.</summary>
    public static string Clean(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;
}

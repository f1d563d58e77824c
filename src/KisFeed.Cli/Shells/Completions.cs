namespace KisFeed.Cli.Shells;

/// <summary>The completions of a command line.</summary>
internal static class Completions
{
    /// <summary>Returns the words that may replace the last one, which may be empty or incomplete, and their descriptions.</summary>
    /// <param name="root">The command <c>kisfeed</c>.</param>
    /// <param name="line">The command line up to the cursor, beginning with <c>kisfeed</c>.</param>
    public static IEnumerable<(string Word, string Description)> Of(Command root, string line)
    {
        var word = line[(line.LastIndexOf(' ') + 1)..];
        // The library does not complete the value in --format=js.
        var head = word.StartsWith("--", StringComparison.Ordinal) ? word[..(word.IndexOf('=', StringComparison.Ordinal) + 1)] : "";
        if (head.Length > 0)
            line = $"{line[..^word.Length]}{head[..^1]} {word[head.Length..]}";
        return root.Parse(line).GetCompletions(line.Length)
            .Where(item => item.Label.StartsWith(word[head.Length..], StringComparison.OrdinalIgnoreCase))
            .Select(item => (head + item.Label, FirstSentenceOf(item.Detail ?? "")));
    }

    private static string FirstSentenceOf(string text) =>
        text.IndexOf(". ", StringComparison.Ordinal) is var end and >= 0 ? text[..end] : text;
}

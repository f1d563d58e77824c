using System.Text.RegularExpressions;

namespace KisFeed.Cli.Tests.Documents;

/// <summary>A command of a page.</summary>
/// <param name="Text">The command line with its comment.</param>
/// <param name="Output">The output shown on the page.</param>
internal sealed partial record DocumentedCommand(string Text, IReadOnlyList<string> Output)
{
    /// <summary>The default port of servers.</summary>
    public const string DefaultPort = "21000";

    /// <summary>The port that the command listens on; <see langword="null"/> if it is not a server.</summary>
    public string? Port => Server().IsMatch(Text) && !Text.Contains("--stdout", StringComparison.Ordinal)
        ? OtherPort().Match(Text) is { Success: true } port ? port.Groups["port"].Value : DefaultPort
        : null;

    /// <summary>Whether it is a server for the following commands.</summary>
    public bool StaysInBackground => Port is not null && !HasEnd().IsMatch(Text);

    /// <summary>Whether it runs until it is stopped.</summary>
    public bool IsEndless => RunsUntilStopped().IsMatch(Text) && !HasEnd().IsMatch(Text);

    /// <summary>Whether it writes its data to files instead of its output.</summary>
    public bool WritesFiles => Text.StartsWith("kisfeed record ", StringComparison.Ordinal);

    /// <summary>
    /// The words that its output must contain: the names of all JSON members and events on the page, or
    /// else the headings in the first line.
    /// </summary>
    public IReadOnlyList<string> Expected
    {
        get
        {
            string[] names = [.. Output.SelectMany(line => JsonNames().Matches(line)).Select(match => match.Value)
                .Concat(Output.Where(line => line.StartsWith("event: ", StringComparison.Ordinal))).Distinct(StringComparer.Ordinal)];
            return names.Length > 0 ? names : Output is [var first, ..] ? [.. Words().Matches(first).Select(match => match.Value)] : [];
        }
    }

    [GeneratedRegex(@"^kisfeed (gateway(?! token)|simulate|replay|demo)\b", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Server();

    [GeneratedRegex(
        @"^(curl -N|kisfeed (watch|record)|(python3|node( --\S+)?) \S+ '?(http|ws)s?:|dotnet run --project samples/(Forms|Kospi))",
        RegexOptions.ExplicitCapture,
        5000)]
    private static partial Regex RunsUntilStopped();

    [GeneratedRegex("--port (?<port>[0-9]+)", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex OtherPort();

    [GeneratedRegex("--(count|duration|stdout|once|help)", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex HasEnd();

    [GeneratedRegex("\"[a-zA-Z_]+\":", RegexOptions.None, 5000)]
    private static partial Regex JsonNames();

    [GeneratedRegex("[A-Za-z]{3,}", RegexOptions.None, 5000)]
    private static partial Regex Words();
}

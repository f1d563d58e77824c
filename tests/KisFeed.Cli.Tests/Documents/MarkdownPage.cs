using System.Text.RegularExpressions;

namespace KisFeed.Cli.Tests.Documents;

/// <summary>
/// A page of the documentation with its blocks of code. HTML comments directly above a block control its tests:
/// <c>not run: REASON</c> for the whole block, <c>not run `START`: REASON</c> for commands with this start,
/// <c>exit code: N</c> for commands with this exit code, <c>before: COMMAND</c> for a command that runs first, <c>with: NAME=VALUE</c> for an environment variable of the block's commands,
/// and <c>file: NAME</c> for a program that is saved under that name.
/// </summary>
internal sealed partial class MarkdownPage
{
    private MarkdownPage(string name, string text)
    {
        Name = name;
        Blocks = [.. Fences().Matches(text).Select(match => new CodeBlock(
            $"{name}:{text[..match.Groups["fence"].Index].Count(c => c == '\n') + 1}",
            match.Groups["language"].Value,
            match.Groups["body"].Value,
            [.. match.Groups["mark"].Captures.Select(mark => mark.Value)]))];
        Prose = Fences().Replace(text, "");
    }

    /// <summary>The path from the root of the repository.</summary>
    public string Name { get; }

    /// <summary>The blocks in order.</summary>
    public IReadOnlyList<CodeBlock> Blocks { get; }

    /// <summary>The text without the blocks.</summary>
    public string Prose { get; }

    /// <summary>The READMEs and everything in <c>docs/</c>.</summary>
    public static IEnumerable<string> Names =>
        Directory.GetFiles(Path.Combine(RepositoryRoot.Path, "docs"), "*.md").Select(file => $"docs/{Path.GetFileName(file)}").Order(StringComparer.Ordinal)
            .Prepend("README.ko.md").Prepend("README.md");

    public static MarkdownPage Read(string name) => new(name, File.ReadAllText(Path.Combine(RepositoryRoot.Path, name)).ReplaceLineEndings("\n"));

    [GeneratedRegex("^(?:<!-- (?<mark>.*) -->\n)*(?<fence>```(?<language>[a-z]*))\n(?<body>(?s:.*?))^```$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Fences();
}

/// <summary>A block of code.</summary>
/// <param name="Place">The page and the line of the block's first fence.</param>
/// <param name="Language">The info string of the fence.</param>
/// <param name="Text">The lines of the block.</param>
/// <param name="Marks">The comments above it.</param>
internal sealed partial record CodeBlock(string Place, string Language, string Text, IReadOnlyList<string> Marks)
{
    private const string FromSource = "dotnet run --project src/KisFeed.Cli -- ";
    private const string NotRun = "not run";
    private const string Before = "before: ";
    private const string With = "with: ";
    private const string Ends = "exit code: ";
    private const string SavedAs = "file: ";

    /// <summary>The reason for not running the block; <see langword="null"/> if it is run.</summary>
    public string? NotRunBecause => Marks.FirstOrDefault(mark => mark.StartsWith($"{NotRun}: ", StringComparison.Ordinal));

    /// <summary>The file name under which the block is saved, if any.</summary>
    public string? FileName => Marks.FirstOrDefault(mark => mark.StartsWith(SavedAs, StringComparison.Ordinal))?[SavedAs.Length..];

    /// <summary>Commands that run before the block's own.</summary>
    public IEnumerable<string> Preparations => Marks.Where(mark => mark.StartsWith(Before, StringComparison.Ordinal)).Select(mark => mark[Before.Length..]);

    /// <summary>The expected exit code of the commands.</summary>
    public int ExitCode => Marks.FirstOrDefault(mark => mark.StartsWith(Ends, StringComparison.Ordinal)) is { } mark ? int.Parse(mark[Ends.Length..], CultureInfo.InvariantCulture) : 0;

    /// <summary>Environment variables of the block's own commands.</summary>
    public IEnumerable<KeyValuePair<string, string>> Variables =>
        Marks.Where(mark => mark.StartsWith(With, StringComparison.Ordinal)).Select(mark => mark[With.Length..].Split('=', 2)).Select(parts => KeyValuePair.Create(parts[0], parts[1]));

    /// <summary>The commands of the block with the output below each.</summary>
    public IReadOnlyList<DocumentedCommand> Commands
    {
        get
        {
            List<DocumentedCommand> commands = [];
            foreach (var line in Language == "console" ? Text.TrimEnd('\n').Split('\n') : [])
            {
                if (line.StartsWith("$ ", StringComparison.Ordinal))
                    commands.Add(new DocumentedCommand(line[2..].Replace(FromSource, "kisfeed ", StringComparison.Ordinal), []));
                else if (commands is [.., var last] && line.Length > 0)
                    commands[^1] = last with { Output = [.. last.Output, line] };
            }

            return commands;
        }
    }

    /// <summary>Unknown marks.</summary>
    public IEnumerable<string> UnknownMarks => Marks.Where(mark => !KnownMarks().IsMatch(mark));

    /// <summary>The starts of commands that are not run.</summary>
    public IEnumerable<string> Exceptions => Marks.Select(mark => Exception().Match(mark)).Where(match => match.Success).Select(match => match.Groups["start"].Value);

    [GeneratedRegex("^not run `(?<start>[^`]+)`: .", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Exception();

    [GeneratedRegex("^(not run( `[^`]+`)?: .|before: .|with: [A-Z_]+=.|exit code: [0-9]+$|file: .)", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex KnownMarks();
}

/// <summary>A command of a page.</summary>
/// <param name="Text">The command line with its comment.</param>
/// <param name="Output">The output shown on the page.</param>
internal sealed partial record DocumentedCommand(string Text, IReadOnlyList<string> Output)
{
    /// <summary>The default port of servers.</summary>
    public const string DefaultPort = "21000";

    /// <summary>The port that the command listens on; <see langword="null"/> if it is not a server.</summary>
    public string? Port => Server().IsMatch(Text) && !Text.Contains("--stdout", StringComparison.Ordinal) ? OtherPort().Match(Text) is { Success: true } port ? port.Groups["port"].Value : DefaultPort : null;

    /// <summary>Whether it is a server for the following commands.</summary>
    public bool StaysInBackground => Port is not null && !HasEnd().IsMatch(Text);

    /// <summary>Whether it runs until it is stopped.</summary>
    public bool IsEndless => RunsUntilStopped().IsMatch(Text) && !HasEnd().IsMatch(Text);

    /// <summary>Whether it writes its data to files instead of its output.</summary>
    public bool WritesFiles => Text.StartsWith("kisfeed record ", StringComparison.Ordinal);

    /// <summary>The words that its output must contain: the names of all JSON members and events on the page, or else the headings in the first line.</summary>
    public IReadOnlyList<string> Expected
    {
        get
        {
            string[] names = [.. Output.SelectMany(line => JsonNames().Matches(line)).Select(match => match.Value).Concat(Output.Where(line => line.StartsWith("event: ", StringComparison.Ordinal))).Distinct(StringComparer.Ordinal)];
            return names.Length > 0 ? names : Output is [var first, ..] ? [.. Words().Matches(first).Select(match => match.Value)] : [];
        }
    }

    [GeneratedRegex(@"^kisfeed (gateway(?! token)|simulate|replay|demo)\b", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Server();

    [GeneratedRegex(@"^(curl -N|kisfeed (watch|record)|(python3|node( --\S+)?) \S+ '?(http|ws)s?:|dotnet run --project samples/)", RegexOptions.ExplicitCapture, 5000)]
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

using System.Text.RegularExpressions;

namespace KisFeed.Cli.Tests.Documents;

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
    public IEnumerable<string> Preparations =>
        Marks.Where(mark => mark.StartsWith(Before, StringComparison.Ordinal)).Select(mark => mark[Before.Length..]);

    /// <summary>The expected exit code of the commands.</summary>
    public int ExitCode => Marks.FirstOrDefault(mark => mark.StartsWith(Ends, StringComparison.Ordinal)) is { } mark
        ? int.Parse(mark[Ends.Length..], CultureInfo.InvariantCulture)
        : 0;

    /// <summary>Environment variables of the block's own commands.</summary>
    public IEnumerable<KeyValuePair<string, string>> Variables =>
        Marks.Where(mark => mark.StartsWith(With, StringComparison.Ordinal)).Select(mark => mark[With.Length..].Split('=', 2))
            .Select(parts => KeyValuePair.Create(parts[0], parts[1]));

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
    public IEnumerable<string> Exceptions =>
        Marks.Select(mark => Exception().Match(mark)).Where(match => match.Success).Select(match => match.Groups["start"].Value);

    [GeneratedRegex("^not run `(?<start>[^`]+)`: .", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Exception();

    [GeneratedRegex("^(not run( `[^`]+`)?: .|before: .|with: [A-Z_]+=.|exit code: [0-9]+$|file: .)", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex KnownMarks();
}

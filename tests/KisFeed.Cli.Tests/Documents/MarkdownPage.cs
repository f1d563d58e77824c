using System.Text.RegularExpressions;

namespace KisFeed.Cli.Tests.Documents;

/// <summary>
/// A page of the documentation with its blocks of code. HTML comments directly above a block control its tests:
/// <c>not run: REASON</c> for the whole block, <c>not run `START`: REASON</c> for commands with this start,
/// <c>exit code: N</c> for commands with this exit code, <c>before: COMMAND</c> for a command that runs first, <c>with: NAME=VALUE</c> for
/// an environment variable of the block's commands, and <c>file: NAME</c> for a program that is saved under that name.
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
        Directory.GetFiles(Path.Combine(RepositoryRoot.Path, "docs"), "*.md")
            .Select(file => $"docs/{Path.GetFileName(file)}")
            .Order(StringComparer.Ordinal)
            .Prepend("README.ko.md").Prepend("README.md");

    public static MarkdownPage Read(string name) =>
        new(name, File.ReadAllText(Path.Combine(RepositoryRoot.Path, name)).ReplaceLineEndings("\n"));

    [GeneratedRegex(
        "^(?:<!-- (?<mark>.*) -->\n)*(?<fence>```(?<language>[a-z]*))\n(?<body>(?s:.*?))^```$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        5000)]
    private static partial Regex Fences();
}

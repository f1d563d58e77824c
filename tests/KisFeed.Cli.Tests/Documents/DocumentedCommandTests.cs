using System.CommandLine.Parsing;

namespace KisFeed.Cli.Tests.Documents;

/// <summary>The commands in README and docs work unchanged in a new shell without settings.</summary>
public sealed class DocumentedCommandTests(CapturedMorning day) : IClassFixture<CapturedMorning>
{
    public static TheoryData<string> Pages => [.. MarkdownPage.Names];

    /// <summary>The pages with commands. The Korean README has those of the English one, which <see cref="ReadmeTests"/> compare.</summary>
    public static TheoryData<string> PagesToRun => [.. MarkdownPage.Names.Where(name => name != "README.ko.md" && BlocksToRun(name).Any())];

    /// <summary>Every command of a page runs, in order.</summary>
    [Theory]
    [Trait(TestRun.Length, TestRun.Long)]
    [MemberData(nameof(PagesToRun))]
    public async Task Every_command_of_a_page_works(string page)
    {
        var blocks = BlocksToRun(page).ToArray();
        await using var shell = await PageShell.StartAsync(
            day, needsPostgres: blocks.Any(block => block.Text.Contains("psql", StringComparison.Ordinal)));
        foreach (var block in blocks)
            await shell.RunAsync(block);
        await shell.StopServersAsync();
    }

    /// <summary>Every test run checks that the options and arguments exist.</summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_kisfeed_command_of_a_page_parses(string page)
    {
        var kisfeed = CommandLine.Create(CommandHost.OfProcess());
        foreach (var block in MarkdownPage.Read(page).Blocks)
        {
            foreach (var command in block.Commands.Select(command => command.Text)
                .Where(text => text.StartsWith("kisfeed ", StringComparison.Ordinal)))
            {
                var arguments = CommandLineParser.SplitCommandLine(FirstOf(command).Replace('\'', '"')).Skip(1).ToArray();
                kisfeed.Parse(arguments).Errors.Select(error => error.Message).ShouldBeEmpty($"{block.Place}: {command}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_mark_is_known_and_matches_a_command_of_its_block(string page)
    {
        foreach (var block in MarkdownPage.Read(page).Blocks)
        {
            block.UnknownMarks.ShouldBeEmpty(block.Place);
            foreach (var start in block.Exceptions)
            {
                block.Commands.ShouldContain(
                    command => command.Text.StartsWith(start, StringComparison.Ordinal), $"{block.Place}: {start}");
            }
            if (block.Language == "console" && block.NotRunBecause is null)
                block.Commands.ShouldNotBeEmpty($"{block.Place} has no line that begins with '$ '");
        }
    }

    // Without the parts for the shell: comments, pipes, redirections.
    private static string FirstOf(string command)
    {
        var end = command.IndexOfAny(['#', '|', '<', '>', '&']);
        // Quoted addresses may contain an ampersand.
        return end >= 0 && !(command[end] == '&' && command[..end].Count(c => c == '\'') % 2 == 1)
            ? command[..end]
            : command.Split(" #")[0];
    }

    private static IEnumerable<CodeBlock> BlocksToRun(string page) => MarkdownPage.Read(page).Blocks
        .Where(block => block.NotRunBecause is null && (block.Commands.Count > 0 || block.FileName is not null));
}

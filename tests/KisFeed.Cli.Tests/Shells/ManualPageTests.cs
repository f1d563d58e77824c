using System.CommandLine;

namespace KisFeed.Cli.Tests.Shells;

public sealed class ManualPageTests
{
    [Fact]
    public async Task The_page_has_every_command_and_option_of_the_help()
    {
        var page = (await CommandRun.OfAsync("man")).Output.Replace("\\-", "-", StringComparison.Ordinal);

        page.Split('\n')[0].ShouldMatch("\"KisFeed [0-9.]+\"");
        var root = CommandLine.Create(new CommandHost { Input = Stream.Null, Output = Stream.Null, Error = TextWriter.Null });
        foreach (var command in Visible(root).OfType<KisFeedCommand>())
        {
            page.ShouldContain($" {command.Name} ");
            foreach (var option in command.Options.Where(option => !option.Hidden))
                page.ShouldContain($".B \"{string.Join(", ", option.Aliases.Prepend(option.Name))}");
        }
    }

    [Fact]
    public async Task Man_reads_the_page()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/mandoc"), "needs mandoc, which eng/setup.sh --all installs on Debian");
        var page = (await CommandRun.OfAsync("man")).Output;

        var problems = await ProcessRunner.RunAsync(
            "/bin/bash", ["-c", "mandoc -T lint -W warning | grep -v 'missing date' || true"], Patience.Limit, input: page);
        var text = await ProcessRunner.RunAsync("mandoc", ["-T", "utf8"], Patience.Limit, input: page);

        problems.ShouldBeEmpty();
        text.ShouldContain("kisfeed - Real-time feeds");
        text.ShouldContain("모의투자");
    }

    private static IEnumerable<Command> Visible(Command command) =>
        command.Subcommands.Where(c => !c.Hidden).SelectMany(c => Visible(c).Prepend(c));
}

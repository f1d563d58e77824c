using KisFeed.Cli.Hosting;
using KisFeed.Cli.Tests.Running;

namespace KisFeed.Cli.Tests;

public sealed class HelpTests
{
    public static TheoryData<string> Verbs => new("decode", "feeds", "watch", "record", "doctor", "demo", "simulate", "replay", "export", "bars", "inspect");

    [Theory]
    [InlineData()]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task Without_a_verb_the_verbs_are_shown(params string[] arguments)
    {
        var run = await CommandRun.OfAsync(arguments);

        run.ExitCode.ShouldBe(ExitCode.Success);
        run.Output.ShouldContain("kisfeed [command] [options]");
        foreach (string verb in Verbs)
            run.Lines.ShouldContain(line => line.StartsWith($"  {verb} ", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Every_verb_shows_examples_that_parse_and_its_exit_codes(string verb)
    {
        var run = await CommandRun.OfAsync(verb, "--help");

        run.ExitCode.ShouldBe(ExitCode.Success);
        run.Error.ShouldBeEmpty();
        var examples = run.Lines.SkipWhile(line => line != "Examples:").TakeWhile(line => line != "Exit codes:").Where(line => line.StartsWith("  ", StringComparison.Ordinal) && !line.StartsWith("  #", StringComparison.Ordinal)).ToArray();
        examples.ShouldNotBeEmpty();
        foreach (var example in examples)
        {
            var arguments = example.Trim().Split([" <", " |", " >"], StringSplitOptions.None)[0].Split(' ');
            arguments[..2].ShouldBe(["kisfeed", verb]);
            CommandLine.Create(new CommandHost { Input = Stream.Null, Output = Stream.Null, Error = TextWriter.Null }).Parse(arguments[1..]).Errors.ShouldBeEmpty(example);
        }

        run.Lines.SkipWhile(line => line != "Exit codes:").Skip(1).ShouldAllBe(line => char.IsAsciiDigit(line[2]));
    }

    [Fact]
    public async Task The_version_is_told()
    {
        var run = await CommandRun.OfAsync("--version");

        run.Output.ShouldMatch(@"^kisfeed \d+\.\d+\.\d+");
        run.ExitCode.ShouldBe(ExitCode.Success);
    }

    [Theory]
    [InlineData("'kisfeed --help'", "decod")]
    [InlineData("'kisfeed decode --help'", "decode", "a", "b")]
    [InlineData("'kisfeed feeds --help'", "feeds", "--format", "xml")]
    public async Task Wrong_usage_points_to_the_help_and_leaves_standard_output_alone(string hint, params string[] arguments)
    {
        var run = await CommandRun.OfAsync(arguments);

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldContain(hint);
        run.Output.ShouldBeEmpty();
    }
}

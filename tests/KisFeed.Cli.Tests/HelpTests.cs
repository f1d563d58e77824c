namespace KisFeed.Cli.Tests;

public sealed class HelpTests
{
    public static TheoryData<string> Verbs => new(
        "decode", "feeds", "find", "masters", "watch", "record", "sink", "doctor", "demo", "simulate", "replay", "export", "bars",
        "inspect", "gateway", "gateway token add", "gateway token list", "gateway token remove");

    [Theory]
    [InlineData()]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task Without_a_command_the_commands_are_listed(params string[] arguments)
    {
        var run = await CommandRun.OfAsync(arguments);

        run.ExitCode.ShouldBe(ExitCode.Success);
        run.Output.ShouldContain("kisfeed [command] [options]");
        foreach (string verb in Verbs)
            run.Lines.ShouldContain(line => line.StartsWith($"  {verb.Split(' ')[0]} ", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task The_help_of_every_command_has_valid_examples_and_exit_codes(string verb)
    {
        var run = await CommandRun.OfAsync([.. verb.Split(' '), "--help"]);

        run.ExitCode.ShouldBe(ExitCode.Success);
        run.Error.ShouldBeEmpty();
        var examples = run.Lines.SkipWhile(line => line != "Examples:").TakeWhile(line => line != "Exit codes:")
            .Where(line => line.StartsWith("  ", StringComparison.Ordinal) && !line.StartsWith("  #", StringComparison.Ordinal)).ToArray();
        examples.ShouldNotBeEmpty();
        foreach (var example in examples)
        {
            var arguments = example.Trim().Split([" <", " |", " >"], StringSplitOptions.None)[0].Split(' ');
            string[] command = ["kisfeed", .. verb.Split(' ')];
            arguments[..command.Length].ShouldBe(command);
            CommandLine.Create(new CommandHost { Input = Stream.Null, Output = Stream.Null, Error = TextWriter.Null })
                .Parse(arguments[1..]).Errors
                .ShouldBeEmpty(example);
        }

        run.Lines.SkipWhile(line => line != "Exit codes:").Skip(1).ShouldAllBe(line => char.IsAsciiDigit(line[2]));
    }

    [Theory]
    [InlineData("token", "gateway", "--help")]
    [InlineData("add", "gateway", "token")]
    [InlineData("remove", "gateway", "token", "-h")]
    public async Task A_command_group_lists_its_commands(string member, params string[] arguments)
    {
        var run = await CommandRun.OfAsync(arguments);

        run.ExitCode.ShouldBe(ExitCode.Success);
        run.Lines.ShouldContain(line => line.StartsWith($"  {member} ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_version_is_printed()
    {
        var run = await CommandRun.OfAsync("--version");

        run.Output.ShouldMatch(@"^kisfeed \d+\.\d+\.\d+");
        run.ExitCode.ShouldBe(ExitCode.Success);
    }

    [Theory]
    [InlineData("'kisfeed --help'", "decod")]
    [InlineData("'kisfeed --help'", "decod", "--help")]
    [InlineData("'kisfeed gateway --help'", "gateway", "tokens", "-h")]
    [InlineData("'kisfeed decode --help'", "decode", "a", "b")]
    [InlineData("'kisfeed feeds --help'", "feeds", "--format", "xml")]
    [InlineData("'kisfeed gateway --help'", "gateway", "tokens")]
    [InlineData("'kisfeed gateway token add --help'", "gateway", "token", "add")]
    [InlineData("'kisfeed gateway token add --help'", "gateway", "token", "add", "--notice")]
    [InlineData("'kisfeed gateway token remove --help'", "gateway", "token", "remove", "a", "b")]
    public async Task Wrong_usage_refers_to_the_help_and_writes_nothing_to_standard_output(string hint, params string[] arguments)
    {
        (await CommandRun.OfAsync(arguments)).ShouldFail(ExitCode.Usage, hint);
    }

    [Fact]
    public async Task The_options_of_the_gateway_are_in_sections_and_rare_ones_only_in_the_complete_help()
    {
        var host = new CommandHost { Input = Stream.Null, Output = Stream.Null, Error = TextWriter.Null };
        var sections = new KisFeed.Cli.Commands.GatewayCommand(host).Sections;
        var (brief, all) = (await CommandRun.OfAsync("gateway", "--help"), await CommandRun.OfAsync("gateway", "--help-all"));

        all.ExitCode.ShouldBe(ExitCode.Success);
        foreach (var section in sections)
        {
            brief.Lines.Contains($"{section.Title}:", StringComparer.Ordinal).ShouldBeTrue(section.Title);
            all.Lines.Contains($"{section.Title}:", StringComparer.Ordinal).ShouldBeTrue(section.Title);
            section.Options.Where(option => !HasOption(brief, option.Name) || !HasOption(all, option.Name)).ShouldBeEmpty();
            section.Rare.Where(option => HasOption(brief, option.Name) || !HasOption(all, option.Name)).ShouldBeEmpty();
            section.Rare.Where(option => HasExample(brief, option.Name)).ShouldBeEmpty();
        }

        HasExample(all, "--trusted-proxy").ShouldBeTrue();
        static bool HasExample(CommandRun run, string name) =>
            run.Lines.Any(line => line.StartsWith("  kisfeed ", StringComparison.Ordinal) && line.Split(' ').Contains(name));

        static bool HasOption(CommandRun run, string name) =>
            run.Lines.Any(line => line.StartsWith($"  {name} ", StringComparison.Ordinal));
    }
}

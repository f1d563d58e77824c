using System.CommandLine;
using KisFeed.Output;

namespace KisFeed.Cli.Tests.Options;

public sealed class ChoiceOptionTests
{
    private readonly ChoiceOption<NameStyle> _names = new("--names", "", NameStyle.English);

    [Theory]
    [InlineData(NameStyle.English)]
    [InlineData(NameStyle.Kis, "--names", "kis")]
    [InlineData(NameStyle.English, "--names", "english")]
    public void The_value_is_one_of_the_names_in_the_help_or_the_default(NameStyle expected, params string[] arguments)
    {
        var parsed = Parse(arguments);

        _names.HelpName.ShouldBe("english|kis");
        parsed.Errors.ShouldBeEmpty();
        _names.Read(parsed).ShouldBe(expected);
    }

    [Theory]
    [InlineData("Kis")]
    [InlineData("0")]
    public void Other_spellings_are_refused(string name) => Parse("--names", name).Errors.ShouldHaveSingleItem();

    [Fact]
    public async Task The_help_shows_the_names_that_a_command_accepts()
    {
        var help = await CommandRun.OfAsync("simulate", "--help");

        help.Output.ShouldContain("--pong <strict|lenient>");
        (await CommandRun.OfAsync("simulate", "--pong", "Lenient")).ShouldFail(ExitCode.Usage, "'Lenient'");
    }

    private ParseResult Parse(params string[] arguments) => new Command("test") { _names }.Parse(arguments);
}

namespace KisFeed.Cli.Tests.Hosting;

/// <summary>Which users get Korean.</summary>
public sealed class LanguageTests
{
    [Theory]
    [InlineData("ko")]
    [InlineData("ko_KR")]
    [InlineData("ko_KR.UTF-8")]
    [InlineData("ko_KR.utf8@hanja")]
    [InlineData("ko-KR")]
    public void Korean_locales_are_recognized(string locale) => LanguageOf(("LANG", locale)).ShouldBe(Language.Korean);

    [Theory]
    [InlineData("en_US.UTF-8")]
    [InlineData("C.UTF-8")]
    [InlineData("POSIX")]
    [InlineData("kok_IN.UTF-8")]
    [InlineData("ko_KR.eucKR")]
    public void Other_locales_are_English(string locale) => LanguageOf(("LANG", locale)).ShouldBe(Language.English);

    [Fact]
    public void The_first_variable_that_is_set_decides()
    {
        LanguageOf(("LC_ALL", "C.UTF-8"), ("LC_MESSAGES", "ko_KR.UTF-8"), ("LANG", "ko_KR.UTF-8")).ShouldBe(Language.English);
        LanguageOf(("LC_MESSAGES", "ko_KR.UTF-8"), ("LANG", "en_US.UTF-8")).ShouldBe(Language.Korean);
        LanguageOf(("LC_CTYPE", "ko_KR.UTF-8")).ShouldBe(Language.English);
    }

    [Fact]
    public void The_override_precedes_every_locale()
    {
        LanguageOf((Language.Variable, "en"), ("LC_ALL", "ko_KR.UTF-8")).ShouldBe(Language.English);
        LanguageOf((Language.Variable, "ko"), ("LC_ALL", "en_US.UTF-8")).ShouldBe(Language.Korean);
    }

    [Fact]
    public void Without_a_locale_the_language_is_that_of_the_system()
    {
        LanguageOf().ShouldBe(Language.English);
        Language.Of(Host() with { SystemLanguage = Language.Korean }).ShouldBe(Language.Korean);
        Language.Of(Host(("LANG", "en_US.UTF-8")) with { SystemLanguage = Language.Korean }).ShouldBe(Language.English);
    }

    [Fact]
    public async Task Another_language_is_an_error()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { [Language.Variable] = "한국어" };

        (await CommandRun.WithVariablesAsync(variables, "feeds"))
            .ShouldFail(ExitCode.Usage, "KISFEED_LANG: '한국어' is not a language of kisfeed: use en or ko");
    }

    [Fact]
    public async Task The_language_of_a_command_is_not_that_of_its_caller()
    {
        await CommandRun.WithVariablesAsync(Korean.Variables, "--version");

        Language.IsKorean.ShouldBeFalse();
    }

    private static CultureInfo LanguageOf(params (string Name, string Value)[] variables) => Language.Of(Host(variables));

    private static CommandHost Host(params (string Name, string Value)[] variables) => new()
    {
        Input = Stream.Null,
        Output = Stream.Null,
        Error = TextWriter.Null,
        Variable = name => variables.FirstOrDefault(variable => variable.Name == name).Value,
    };
}

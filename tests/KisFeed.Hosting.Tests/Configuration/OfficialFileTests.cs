using KisFeed.TestSupport;

namespace KisFeed.Hosting.Tests.Configuration;

/// <summary>The configuration file of the broker's official samples.</summary>
public sealed class OfficialFileTests : IDisposable
{
    private const string Secret = "Do0not1tell2this3";

    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public void The_unchanged_template_counts_as_not_set()
    {
        _home.Write(Home.Template);
        var configuration = KisFeedConfiguration.Read(_home.Sources());

        configuration.Options.AppKey.ShouldBeEmpty();
        configuration.Options.HtsId.ShouldBeNull();
        configuration.Problem.ShouldBe(
            $"KISFEED_APPKEY and KISFEED_APPSECRET are not set, and {Home.File} still contains the template's text for my_app and my_sec. "
            + "Set one of these pairs to the app key and the app secret that KIS Developers issued.");
    }

    [Fact]
    public void The_unchanged_template_does_not_affect_other_sources()
    {
        _home.Write(Home.Template);
        KisFeedConfiguration.Read(_home.Sources(("KISFEED_APPKEY", "K"), ("KISFEED_APPSECRET", "S"))).Validate();
    }

    [Fact]
    public void Template_text_in_one_of_the_pair_is_reported()
    {
        _home.Write(Home.Template.Replace("\"앱키\"", Secret, StringComparison.Ordinal));
        var problem = KisFeedConfiguration.Read(_home.Sources()).Problem;

        problem.ShouldBe($"{Home.File} still contains the template's text for my_sec: put what KIS Developers issued there.");
        KisFeedConfiguration.Read(_home.Sources(("KISFEED_ENVIRONMENT", "mock"))).Problem.ShouldNotBeNull()
            .ShouldContain("paper_app and paper_sec");
    }

    [Theory]
    [InlineData("my_app: 'A'\nmy_sec: 'B'", "A", "B")]
    [InlineData("my_app: 0123\nmy_sec: 1e5", "0123", "1e5")]
    [InlineData(
        "---\nother: [1, {a: b}, c]\nmy_acct:\n  my_app: nested\n? [complex, key]\n: value\nmy_app: A # mine\nmy_sec: |\n  B\n...\n",
        "A",
        "B")]
    [InlineData("{my_app: A, my_sec: B}", "A", "B")]
    [InlineData("\ufeffmy_app: A\r\nmy_sec: B\r\n", "A", "B")]
    [InlineData("my_app:\nmy_sec: ~", "", "")]
    [InlineData("", "", "")]
    [InlineData("# nothing but a comment", "", "")]
    [InlineData("other: &a text\nmore: *a\nmy_prod: 1\nmy_prod: 2", "", "")]
    public void YAML_variants_are_supported(string text, string appKey, string appSecret)
    {
        _home.Write(text);
        var options = KisFeedConfiguration.Read(_home.Sources()).Options;

        (options.AppKey, options.AppSecret).ShouldBe((appKey, appSecret));
    }

    [Theory]
    [InlineData("my_app: \"" + Secret + "\nmy_sec: B\n", 1, "this is not valid YAML")]
    [InlineData("my_app: A\nother: [" + Secret + "\n", 3, "this is not valid YAML")]
    [InlineData("my_app: A\n\tmy_sec: " + Secret, 1, "this is not valid YAML")]
    [InlineData("my_app: !<tag " + Secret, 1, "this is not valid YAML")]
    [InlineData("my_app: A\nmy_sec: *" + Secret, 2, "the value of my_sec is not a text")]
    [InlineData("my_app: A\nmy_sec: [" + Secret + "]", 2, "the value of my_sec is not a text")]
    [InlineData("my_app: A\nmy_sec: B\nmy_app: " + Secret, 3, "my_app appears twice")]
    [InlineData("- my_app\n- " + Secret, 1, "this is not a name with a value")]
    [InlineData("my_app=" + Secret, 1, "this is not a name with a value")]
    [InlineData("my_app: A\n---\nmy_sec: " + Secret, 3, "this is not a name with a value")]
    public void Invalid_YAML_is_reported_with_its_line_and_without_values(string text, int line, string problem)
    {
        _home.Write(text);
        var error = Should.Throw<KisFeedConfigurationException>(() => KisFeedConfiguration.Read(_home.Sources()));

        error.Message.ShouldStartWith($"{Home.File}, line {line}: {problem}. Write lines such as my_app: \"the app key\"");
        error.ToString().ShouldNotContain(Secret);
    }

    [Fact]
    public void An_invalid_address_is_reported()
    {
        _home.Write(Home.FilledIn.Replace("ws://ops.koreainvestment.com:21000", "ops.koreainvestment.com", StringComparison.Ordinal));
        Should.Throw<KisFeedConfigurationException>(() => KisFeedConfiguration.Read(_home.Sources()))
            .Message.ShouldBe($"{Home.File} ops is 'ops.koreainvestment.com', which is not a valid WebSocketUrl. Use an address that "
                + "begins with ws:// or wss://.");
    }

    [Fact]
    public void A_file_readable_by_others_is_warned_about()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var loggers = new RecordingLoggerFactory();
        var sources = _home.Sources() with { Defaults = new KisFeedOptions { LoggerFactory = loggers } };
        _home.Write(Home.FilledIn);
        KisFeedConfiguration.Read(sources).Warnings.ShouldBeEmpty();
        loggers.Lines.ShouldBeEmpty();

        foreach (var othersMode in new[] { UnixFileMode.OtherRead, UnixFileMode.GroupRead })
        {
            _home.Write(Home.FilledIn, UnixFileMode.UserRead | UnixFileMode.UserWrite | othersMode);
            KisFeedConfiguration.Read(sources).Warnings.ShouldHaveSingleItem()
                .ShouldBe($"{Home.File} contains secrets, and other users of this machine can read it: chmod 600 {Home.File}");
        }

        loggers.Lines.Count.ShouldBe(2);
        loggers.Lines.ShouldAllBe(m => m.StartsWith($"Warning 2001 {Home.File} contains secrets", StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_in_place_of_the_file_is_reported()
    {
        var sources = _home.Sources() with { File = _home.Folder };
        Should.Throw<KisFeedConfigurationException>(() => KisFeedConfiguration.Read(sources)).Message.ShouldContain("does not exist");
    }
}

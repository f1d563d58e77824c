using Microsoft.Extensions.Configuration;

namespace KisFeed.Hosting.Tests.Configuration;

/// <summary>Errors name the source and the valid values, and never contain a secret.</summary>
public sealed class ErrorTests : IDisposable
{
    private const string Secret = "Do0not1tell2this3";

    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData("Watchdog", "10s", "KisFeed:Watchdog is not an option. Valid options: AppKey, AppSecret, AppKeys, Environment,")]
    [InlineData("Reconnect:Delay", "10s", "KisFeed:Reconnect:Delay is not an option. Valid options: IsEnabled, InitialDelay,")]
    [InlineData("AppKeys:0:Secret", Secret, "KisFeed:AppKeys:0:Secret is not an option. Valid options: AppKey, AppSecret, HtsId, Name.")]
    [InlineData("Reconnect", "never", "KisFeed:Reconnect has a value, but takes keys below it: IsEnabled,")]
    [InlineData("AppKeys", Secret, "KisFeed:AppKeys has a value, but takes keys below it: 0, 1.")]
    [InlineData("AppKeys:0", Secret, "KisFeed:AppKeys:0 has a value, but takes keys below it: AppKey,")]
    [InlineData("AppKey:0", Secret, "KisFeed:AppKey has keys below it, but takes one value.")]
    [InlineData("HtsId:0", Secret, "KisFeed:HtsId has keys below it, but takes one value.")]
    [InlineData("Environment", "test", "KisFeed:Environment is 'test', which is not a valid Environment. Use Production or Mock.")]
    [InlineData("Environment", "1", "KisFeed:Environment is '1'")]
    [InlineData("CustomerType", "P", "KisFeed:CustomerType is 'P', which is not a valid CustomerType. Use Person or Business.")]
    [InlineData("Overflow", "Block", "KisFeed:Overflow is 'Block', which is not a valid Overflow. Use DropOldest or DropNewest.")]
    [InlineData("WebSocketUrl", "http://host",
        "KisFeed:WebSocketUrl is 'http://host', which is not a valid WebSocketUrl. Use an address that begins with ws:// or wss://.")]
    [InlineData("RestUrl", "host:9443",
        "KisFeed:RestUrl is 'host:9443', which is not a valid RestUrl. Use an address that begins with http:// or https://.")]
    [InlineData("WatchdogTimeout", "120",
        "KisFeed:WatchdogTimeout is '120', which is not a valid WatchdogTimeout. Use a time such as 500ms, 10s, 2m, 1h or 00:02:00.")]
    [InlineData("Reconnect:MaxDelay", "soon", "KisFeed:Reconnect:MaxDelay is 'soon'")]
    [InlineData(
        "Reconnect:Jitter", "half", "KisFeed:Reconnect:Jitter is 'half', which is not a valid Reconnect:Jitter. Use a number from 0 to 1.")]
    [InlineData(
        "Reconnect:IsEnabled", "no", "KisFeed:Reconnect:IsEnabled is 'no', which is not a valid Reconnect:IsEnabled. Use true or false.")]
    [InlineData(
        "MaxRegistrations", "41.5", "KisFeed:MaxRegistrations is '41.5', which is not a valid MaxRegistrations. Use a whole number.")]
    [InlineData("PriceScales", "/no/such/file", "KisFeed:PriceScales: /no/such/file is neither a folder nor one of ffcode.mst")]
    [InlineData("Layouts", "/no/such/file", "KisFeed:Layouts: the layout file /no/such/file cannot be read")]
    public void An_invalid_section_is_reported(string key, string value, string message)
    {
        var error = Should.Throw<KisFeedConfigurationException>(
            () => KisFeedConfiguration.Read(_home.Sources() with { Section = Home.Section((key, value)) }));

        error.Message.ShouldStartWith(message);
        error.ToString().ShouldNotContain(Secret);
    }

    [Fact]
    public void A_section_with_a_value_is_reported()
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("KisFeed", (string?)Secret)]).Build()
            .GetSection("KisFeed");
        var error = Should.Throw<KisFeedConfigurationException>(
            () => KisFeedConfiguration.Read(_home.Sources() with { Section = section }));

        error.Message.ShouldStartWith("KisFeed has a value, but takes keys below it");
        error.ToString().ShouldNotContain(Secret);
    }

    [Theory]
    [InlineData("KISFEED_URL", "127.0.0.1:21000",
        "KISFEED_URL is '127.0.0.1:21000', which is not a valid WebSocketUrl. Use an address that begins with ws:// or wss://.")]
    [InlineData("KISFEED_REST", "ws://host", "KISFEED_REST is 'ws://host', which is not a valid RestUrl")]
    [InlineData(
        "KISFEED_ENVIRONMENT", "paper", "KISFEED_ENVIRONMENT is 'paper', which is not a valid Environment. Use Production or Mock.")]
    [InlineData("KISFEED_CONFIG", "/no/such/file", "KISFEED_CONFIG names /no/such/file, which does not exist.")]
    public void An_invalid_variable_is_reported(string name, string value, string message) =>
        Should.Throw<KisFeedConfigurationException>(() => KisFeedConfiguration.Read(_home.Sources((name, value)))).Message
            .ShouldStartWith(message);

    [Fact]
    public void A_value_out_of_range_is_reported_with_its_source()
    {
        var sources = _home.Sources(("KISFEED_APPKEY", "K"), ("KISFEED_APPSECRET", Secret))
            with
        {
            Section = Home.Section(("Reconnect:AttemptsPerMinute", "0")),
        };
        var error = Should.Throw<KisFeedConfigurationException>(KisFeedConfiguration.Read(sources).Validate);

        error.Message.ShouldBe(
            "KisFeedOptions.Reconnect.AttemptsPerMinute must be at least 1. It was set by: KisFeed:Reconnect:AttemptsPerMinute.");
    }

    [Fact]
    public void An_incomplete_pair_is_reported_and_not_completed_from_another_source()
    {
        _home.Write(Home.FilledIn);
        ProblemOf(_home.Sources(("KISFEED_APPKEY", Secret)))
            .ShouldBe("KISFEED_APPSECRET is not set, but KISFEED_APPKEY is: an app key and its app secret must come from one "
                + "source. Set both there, or neither.");
        ProblemOf(_home.Sources(("KISFEED_APPSECRET", Secret))).ShouldStartWith("KISFEED_APPKEY is not set, but KISFEED_APPSECRET is");
        ProblemOf(_home.Sources(("KISFEED_APPKEY", "K"), ("KISFEED_APPSECRET", "S"), ("KISFEED_APPKEY_2", Secret)))
            .ShouldStartWith("KISFEED_APPSECRET_2 is not set, but KISFEED_APPKEY_2 is");
        ProblemOf(_home.Sources() with { Section = Home.Section(("AppSecret", Secret)) })
            .ShouldStartWith("KisFeed:AppKey is not set, but KisFeed:AppSecret is");
        ProblemOf(_home.Sources() with { Section = Home.Section(("AppKey", "K"), ("AppSecret", "S"), ("AppKeys:0:AppKey", Secret)) })
            .ShouldStartWith("KisFeed:AppKeys:0:AppSecret is not set, but KisFeed:AppKeys:0:AppKey is");

        _home.Write($"my_app: {Secret}");
        ProblemOf(_home.Sources()).ShouldStartWith($"{Home.File} my_sec is not set, but {Home.File} my_app is");
    }

    [Fact]
    public void An_incomplete_pair_set_by_code_is_reported()
    {
        _home.Write(Home.FilledIn);
        var error = Should.Throw<KisFeedConfigurationException>(
            () => KisFeedConfiguration.Read(_home.Sources(), o => o with { AppKey = Secret }));

        error.Message.ShouldStartWith("Code sets only one of AppKey and AppSecret");
        error.ToString().ShouldNotContain(Secret);
    }

    [Fact]
    public void A_pair_set_by_code_overrides_an_incomplete_pair()
    {
        var configuration = KisFeedConfiguration.Read(
            _home.Sources(("KISFEED_APPKEY", "half")), o => o with { AppKey = "K", AppSecret = "S" });

        configuration.Problem.ShouldBeNull();
        configuration.Validate();
    }

    [Fact]
    public void Additional_app_keys_without_the_first_are_reported()
    {
        _home.Write(Home.FilledIn);
        ProblemOf(_home.Sources(("KISFEED_APPKEY_2", "K"), ("KISFEED_APPSECRET_2", Secret)))
            .ShouldStartWith("KISFEED_APPKEY and KISFEED_APPSECRET are not set, but KISFEED_APPKEY_2 is");
        ProblemOf(_home.Sources() with { Section = Home.Section(("AppKeys:0:AppKey", "K"), ("AppKeys:0:AppSecret", Secret)) })
            .ShouldStartWith("KisFeed:AppKey is not set, but KisFeed:AppKeys has further app keys");
    }

    private static string ProblemOf(KisFeedSources sources)
    {
        var configuration = KisFeedConfiguration.Read(sources);
        configuration.Options.AppKey.ShouldBeEmpty();
        string.Join('\n', configuration.Problem, configuration, configuration.Options, sources).ShouldNotContain(Secret);
        return configuration.Problem.ShouldNotBeNull();
    }
}

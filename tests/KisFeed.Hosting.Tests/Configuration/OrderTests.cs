namespace KisFeed.Hosting.Tests.Configuration;

/// <summary>
/// For each option the source with the highest precedence wins. App keys, and the addresses of the file, are used as a whole.
/// </summary>
public sealed class OrderTests : IDisposable
{
    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Without_any_source_the_defaults_apply_and_the_missing_settings_are_reported()
    {
        var configuration = KisFeedConfiguration.Read(_home.Sources());

        configuration.Options.MaxRegistrations.ShouldBe(41);
        configuration.Options.WebSocketUrl.ShouldBeNull();
        configuration.Problem.ShouldBe(
            $"KISFEED_APPKEY and KISFEED_APPSECRET are not set, and there is no {Home.File} with my_app and my_sec. "
            + "Set one of these pairs to the app key and the app secret that KIS Developers issued.");
        Should.Throw<KisFeedConfigurationException>(configuration.Validate).Message.ShouldBe(configuration.Problem);
    }

    [Fact]
    public void The_file_alone_is_sufficient()
    {
        _home.Write(Home.FilledIn);
        var configuration = KisFeedConfiguration.Read(_home.Sources());

        configuration.Validate();
        var options = configuration.Options;
        (options.AppKey, options.AppSecret, options.HtsId).ShouldBe(("FileKey", "FileSecret", "FileHts"));
        options.WebSocketUrl.ShouldBe(new Uri("ws://ops.koreainvestment.com:21000"));
        options.RestUrl.ShouldBe(new Uri("https://openapi.koreainvestment.com:9443"));
        configuration.Origins.Select(o => o.ToString()).ShouldBe(
        [
            $"AppKey: {Home.File} my_app",
            "Environment: Production (default)",
            $"HtsId: {Home.File} my_htsid",
            $"WebSocketUrl: ws://ops.koreainvestment.com:21000 ({Home.File} ops)",
            $"RestUrl: https://openapi.koreainvestment.com:9443 ({Home.File} prod)",
        ]);
    }

    [Fact]
    public void The_environment_selects_the_values_of_the_file()
    {
        _home.Write(Home.FilledIn);
        foreach (var configuration in new[]
        {
            KisFeedConfiguration.Read(_home.Sources(("KISFEED_ENVIRONMENT", "mock"))),
            KisFeedConfiguration.Read(_home.Sources() with { Section = Home.Section(("Environment", "Mock")) }),
            KisFeedConfiguration.Read(
                _home.Sources(("KISFEED_ENVIRONMENT", "production")), o => o with { Environment = KisEnvironment.Mock }),
        })
        {
            var options = configuration.Options;
            (options.Environment, options.AppKey, options.AppSecret, options.HtsId)
                .ShouldBe((KisEnvironment.Mock, "PaperKey", "PaperSecret", "FileHts"));
            options.WebSocketUrl.ShouldBe(new Uri("ws://ops.koreainvestment.com:31000"));
            options.RestUrl.ShouldBe(new Uri("https://openapivts.koreainvestment.com:29443"));
        }
    }

    [Fact]
    public void Each_value_comes_from_the_source_with_the_highest_precedence()
    {
        _home.Write(Home.FilledIn);
        var sources =
            _home.Sources(
                ("KISFEED_APPKEY", "VariableKey"),
                ("KISFEED_APPSECRET", "VariableSecret"),
                ("KISFEED_URL", "ws://variable"),
                ("KISFEED_REST", "http://variable"))
            with
            {
                Section = Home.Section(("WebSocketUrl", "ws://section"), ("QueueCapacity", "7"), ("MaxRegistrations", "5")),
            };
        var configuration = KisFeedConfiguration.Read(sources, o => o with { MaxRegistrations = 3 });

        var options = configuration.Options;
        (options.AppKey, options.AppSecret).ShouldBe(("VariableKey", "VariableSecret"));
        options.HtsId.ShouldBe("FileHts");
        options.WebSocketUrl.ShouldBe(new Uri("ws://section"));
        options.RestUrl.ShouldBe(new Uri("http://variable"));
        (options.QueueCapacity, options.MaxRegistrations).ShouldBe((7, 3));
        configuration.Origins.Select(o => (o.Option, o.Source)).ShouldBe(
        [
            ("AppKey", "KISFEED_APPKEY"),
            ("Environment", "default"),
            ("HtsId", $"{Home.File} my_htsid"),
            ("WebSocketUrl", "KisFeed:WebSocketUrl"),
            ("RestUrl", "KISFEED_REST"),
            ("MaxRegistrations", "code"),
            ("QueueCapacity", "KisFeed:QueueCapacity"),
        ]);
    }

    // Otherwise the app secret would be sent to the broker, and its approval key to a simulator that does not know it.
    [Fact]
    public void The_addresses_of_the_file_are_used_together_or_not_at_all()
    {
        _home.Write(Home.FilledIn);
        var simulator = new Uri("ws://127.0.0.1:21000");
        var proxy = new Uri("http://127.0.0.1:8080");

        Addresses(KisFeedConfiguration.Read(_home.Sources(("KISFEED_URL", simulator.OriginalString)))).ShouldBe((simulator, null));
        Addresses(KisFeedConfiguration.Read(_home.Sources(("KISFEED_REST", proxy.OriginalString)))).ShouldBe((null, proxy));
        Addresses(KisFeedConfiguration.Read(_home.Sources() with { Section = Home.Section(("WebSocketUrl", simulator.OriginalString)) }))
            .ShouldBe((simulator, null));
        Addresses(KisFeedConfiguration.Read(_home.Sources(), o => o with { WebSocketUrl = simulator })).ShouldBe((simulator, null));
        Addresses(KisFeedConfiguration.Read(_home.Sources(), o => o with { RestUrl = proxy })).ShouldBe((null, proxy));
        Addresses(KisFeedConfiguration.Read(_home.Sources(), o => o with { WebSocketUrl = simulator, RestUrl = proxy }))
            .ShouldBe((simulator, proxy));

        static (Uri?, Uri?) Addresses(KisFeedConfiguration configuration) =>
            (configuration.Options.WebSocketUrl, configuration.Options.RestUrl);
    }

    [Fact]
    public void All_app_keys_come_from_one_source()
    {
        _home.Write(Home.FilledIn);
        var variables = _home.Sources(
            ("KISFEED_APPKEY", "K1"), ("KISFEED_APPSECRET", "S1"), ("KISFEED_APPKEY_2", "K2"), ("KISFEED_APPSECRET_2", "S2"),
            ("KISFEED_APPKEY_4", "K4"), ("KISFEED_APPSECRET_4", "S4"), ("KISFEED_HTSID_4", "H4"));
        var section = Home.Section(
            ("AppKey", "A"), ("AppSecret", "B"), ("AppKeys:0:AppKey", "C"), ("AppKeys:0:AppSecret", "D"), ("AppKeys:0:HtsId", "E"),
            ("AppKeys:0:Name", "second"));

        Keys(KisFeedConfiguration.Read(variables)).ShouldBe("K1/S1// K2/S2// K4/S4/H4/");
        Keys(KisFeedConfiguration.Read(variables with { Section = section })).ShouldBe("A/B// C/D/E/second");
        Keys(KisFeedConfiguration.Read(variables, o => o with { AppKey = "X", AppSecret = "Y" })).ShouldBe("X/Y//");
        KisFeedConfiguration.Read(variables).Options.CredentialsSource.ShouldBe("KISFEED_APPKEY and KISFEED_APPSECRET");
        KisFeedConfiguration.Read(variables, options => options with { AppKey = "code", AppSecret = "code" }).Options.CredentialsSource
            .ShouldBeNull();
        KisFeedConfiguration.Read(variables).Origins.Select(o => o.ToString()).Take(2)
            .ShouldBe(["AppKey: KISFEED_APPKEY", "AdditionalAppKeys: KISFEED_APPKEY_2, KISFEED_APPKEY_4"]);

        static string Keys(KisFeedConfiguration configuration)
        {
            configuration.Validate();
            var options = configuration.Options;
            return string.Join(' ', [$"{options.AppKey}/{options.AppSecret}//", .. options.AdditionalAppKeys.Select(
                k => $"{k.AppKey}/{k.AppSecret}/{k.HtsId}/{k.Name}")]);
        }
    }

    [Fact]
    public void Empty_values_are_ignored_and_blanks_trimmed()
    {
        _home.Write(Home.FilledIn.Replace("\"FileHts\"", "", StringComparison.Ordinal));
        var sources = _home.Sources(("KISFEED_APPKEY", ""), ("KISFEED_APPSECRET", " "), ("KISFEED_URL", "")) with
        {
            Section = Home.Section(("AppKey", ""), ("HtsId", " "), ("QueueCapacity", " 9 ")),
        };
        var options = KisFeedConfiguration.Read(sources).Options;

        (options.AppKey, options.HtsId, options.QueueCapacity).ShouldBe(("FileKey", null, 9));
    }

    [Fact]
    public void Another_file_can_be_configured()
    {
        _home.Write(Home.FilledIn);
        var otherFile = Path.Combine(_home.Folder, "other.yaml");
        File.WriteAllText(otherFile, "my_app: A\nmy_sec: B\n");

        KisFeedConfiguration.Read(_home.Sources(("KISFEED_CONFIG", otherFile))).Options.AppKey.ShouldBe("A");
        KisFeedConfiguration.Read(_home.Sources(("KISFEED_CONFIG", _home.Path)) with { File = otherFile }).Options.AppKey.ShouldBe("A");
        KisFeedConfiguration.Read(_home.Sources(("KISFEED_CONFIG", "none"))).Options.AppKey.ShouldBeEmpty();
        KisFeedConfiguration.Read(_home.Sources() with { HomeFolder = null }).Options.AppKey.ShouldBeEmpty();
    }

    [Fact]
    public void Defaults_apply_if_no_source_sets_a_value()
    {
        var sources = _home.Sources(("KISFEED_HTSID", "H")) with
        {
            Defaults = new KisFeedOptions { AppKey = "K", AppSecret = "S", HtsId = "other", CustomerType = CustomerType.Business },
        };
        var configuration = KisFeedConfiguration.Read(sources);

        configuration.Validate();
        (configuration.Options.AppKey, configuration.Options.HtsId, configuration.Options.CustomerType)
            .ShouldBe(("K", "H", CustomerType.Business));
    }
}

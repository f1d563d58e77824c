using System.Reflection;
using KisFeed.TestSupport;

namespace KisFeed.Hosting.Tests.Configuration;

public sealed class OptionTableTests
{
    // Options that have no single value or are only for programs.
    private static readonly string[] s_others =
    [
        nameof(KisFeedOptions.AppKey),
        nameof(KisFeedOptions.AppSecret),
        nameof(KisFeedOptions.AdditionalAppKeys),
        nameof(KisFeedOptions.CredentialsSource),
        nameof(KisFeedOptions.Catalog),
        nameof(KisFeedOptions.ClientCertificate),
        nameof(KisFeedOptions.MeterFactory),
        nameof(KisFeedOptions.Permits),
        nameof(KisFeedOptions.Reconnect),
        nameof(KisFeedOptions.LoggerFactory),
        nameof(KisFeedOptions.TimeProvider),
    ];

    public static TheoryData<string, string, string> Values => new()
    {
        { "Environment", "mock", "Mock" },
        { "Environment", "PROD", "Production" },
        { "HtsId", "MyId", "MyId" },
        { "CustomerType", "business", "Business" },
        { "WebSocketUrl", "wss://host/path", "wss://host/path" },
        { "RestUrl", "https://host:1", "https://host:1" },
        { "MaxRegistrations", "20", "20" },
        { "NewRegistrationsPerMinute", "20", "20" },
        { "NewRegistrationsPerHour", "200", "200" },
        { "ConnectTimeout", "1500ms", "00:00:01.5000000" },
        { "WatchdogTimeout", "00:03:00", "00:03:00" },
        { "ReplyTimeout", "1.5m", "00:01:30" },
        { "RequestInterval", "0s", "00:00:00" },
        { "QueueCapacity", "100", "100" },
        { "MaxQueueBytes", "5000000000", "5000000000" },
        { "Overflow", "dropnewest", "DropNewest" },
        { "MaxMessageBytes", "2048", "2048" },
        { "ClientName", "second", "second" },
        { "Reconnect:IsEnabled", "false", "false" },
        { "Reconnect:InitialDelay", "2s", "00:00:02" },
        { "Reconnect:MaxDelay", "1h", "01:00:00" },
        { "Reconnect:Jitter", "0.25", "0.25" },
        { "Reconnect:AttemptsPerMinute", "3", "3" },
        { "Reconnect:AttemptsPerHour", "30", "30" },
        { "Reconnect:MaxRefusedDelay", "20m", "00:20:00" },
        { "Reconnect:StableAfter", "10m", "00:10:00" },
        { "Reconnect:AppKeyInUseDelay", "45s", "00:00:45" },
        { "Reconnect:GiveUpAfter", "30m", "00:30:00" },
    };

    [Fact]
    public void Every_option_of_the_library_can_be_configured()
    {
        var properties = typeof(KisFeedOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => p.Name)
            .Except(s_others, StringComparer.Ordinal)
            .Concat(typeof(ReconnectPolicy).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => "Reconnect:" + p.Name));

        OptionTable.Rows.Select(r => r.Name).ShouldBe(properties, ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void A_value_is_parsed_and_shown(string name, string text, string shown)
    {
        var row = OptionTable.Rows.Single(r => r.Name == name);
        var options = row.Read(new KisFeedOptions(), text).ShouldNotBeNull();

        row.Show(options).ShouldBe(shown);
        foreach (var other in OptionTable.Rows.Where(r => r != row))
            other.Show(options).ShouldBe(other.Show(new KisFeedOptions()), other.Name);
    }

    [Fact]
    public void Every_option_has_a_test_value() =>
        Values.Select(v => v.Data.Item1).Concat(["Layouts", "PriceScales", "ApprovalKeys"]).Distinct(StringComparer.Ordinal)
            .ShouldBe(OptionTable.Rows.Select(r => r.Name), ignoreOrder: true);

    [Theory]
    [InlineData("10")]
    [InlineData("10 days")]
    [InlineData("-1s")]
    [InlineData("s")]
    [InlineData("1e99h")]
    [InlineData("99999999999999999h")]
    [InlineData("1:2:3:4:5")]
    public void An_invalid_duration_is_rejected(string text) => ValueText.Time(text).ShouldBeNull();

    [Fact]
    public void Approval_keys_are_stored_in_the_configured_file()
    {
        using var home = new Home();
        var sources = home.Sources((KisFeedVariables.ApprovalKeys, Path.Combine(home.Folder, "keys")));
        var configuration = KisFeedConfiguration.Read(sources);
        configuration.Options.ApprovalKeys.ShouldNotBeSameAs(sources.Defaults.ApprovalKeys);
        configuration.Origins.Single(o => o.Option == "ApprovalKeys").ToString().ShouldBe("ApprovalKeys: a cache (KISFEED_APPROVALKEYS)");

        KisFeedConfiguration.Read(sources, o => o with { ApprovalKeys = new ApprovalKeyCache() }).Origins
            .Single(o => o.Option == "ApprovalKeys").Source
            .ShouldBe("code");
        KisFeedConfiguration.Read(home.Sources()).Origins.ShouldNotContain(o => o.Option == "ApprovalKeys");
        Should.Throw<KisFeedConfigurationException>(
            () => KisFeedConfiguration.Read(home.Sources((KisFeedVariables.ApprovalKeys, home.Folder + "/"))))
            .Message.ShouldEndWith("which is not a valid ApprovalKeys. Use the path of a file.");
    }

    [Fact]
    public void A_layout_file_is_loaded()
    {
        using var home = new Home();
        var path = Path.Combine(home.Folder, "layouts.json");
        File.WriteAllText(path, """{"layouts":[{"trId":"H0UPCNT0","append":["MARKET_CLS_CODE"]}]}""");

        KisFeedConfiguration.Read(home.Sources() with { Section = Home.Section(("Layouts", path)) }).Options.Layouts
            .ShouldBeOfType<LayoutFile>();
    }

    [Fact]
    public void Master_files_are_loaded()
    {
        using var home = new Home();
        File.WriteAllBytes(Path.Combine(home.Folder, "ffcode.mst"), OverseasFutures.Futures());

        var options = KisFeedConfiguration.Read(home.Sources() with { Section = Home.Section(("PriceScales", home.Folder)) }).Options;

        options.PriceScales.ShouldNotBeNull().PlacesOf("GCZ26").ShouldBe(1);
    }
}

using static KisFeed.Cli.Tests.Commands.DoctorRun;

namespace KisFeed.Cli.Tests.Commands;

/// <summary>The configuration check of <c>kisfeed doctor</c>.</summary>
public sealed class DoctorConfigurationTests
{
    [Fact]
    public async Task Missing_credentials_are_reported_with_their_sources()
    {
        var (code, findings, _) = await RunDoctorAsync(new Dictionary<string, string>(StringComparer.Ordinal));

        code.ShouldBe(ExitCode.Usage);
        var failed = findings.Single(f => f.Status == "failed");
        failed.Text.ShouldContain("KISFEED_APPKEY and KISFEED_APPSECRET are not set");
        failed.Advice!.ShouldContain("kisfeed simulate");
        findings.Count(f => f.Status == "skipped").ShouldBe(7);
    }

    [Fact]
    public async Task The_mock_service_without_an_HTS_ID_has_trades_of_stocks()
    {
        await using var service = await ScriptedService.StartAsync(1, closesConnection: false);
        var variables = service.Variables;
        variables.Remove(ServiceSettings.HtsIdVariable);
        var (_, findings, _) = await RunDoctorAsync(variables, Now, "--env", "mock", "--wait", "1s");

        findings.ShouldNotContain(f => f.Text.Contains("nothing to subscribe to"));
        findings.Single(f => f.Check == "WebSocket").Status.ShouldBe("ok");
        findings.ShouldContain(f => f.Text == "environment: mock (모의투자) (command line)");
    }

    [Theory]
    [InlineData("KISFEED_APPKEY", "APPKEY WITH BLANKS IN IT", "contains spaces or line breaks")]
    [InlineData("KISFEED_APPSECRET", "SHORT", "so they may be swapped")]
    [InlineData("KISFEED_REST", "https://openapivts.koreainvestment.com:29443", "an address is that of Mock")]
    public async Task Probable_mistakes_are_warnings(string variable, string value, string text)
    {
        string url;
        await using (var service = await Service.StartAsync())
            url = service.Url;
        var variables = Service.VariablesFor(url);
        variables[variable] = value;
        var (_, findings, _) = await RunDoctorAsync(variables);

        findings.Where(f => f is { Check: "configuration", Status: "warning" }).ShouldHaveSingleItem().Text.ShouldContain(text);
    }

    [Fact]
    public async Task Secrets_from_files_are_reported_with_their_paths()
    {
        await using var service = await ScriptedService.StartAsync(1, closesConnection: false, Bytes(Samples.Index));
        var folder = Directory.CreateTempSubdirectory("kisfeed-secrets-");
        try
        {
            var variables = service.Variables;
            var (key, secret) = (Path.Combine(folder.FullName, "appkey"), Path.Combine(folder.FullName, "appsecret"));
            await File.WriteAllTextAsync(key, Service.AppKey + "\n");
            await File.WriteAllTextAsync(secret, Service.AppSecret + "\n");
            variables.Remove(ServiceSettings.AppKeyVariable);
            variables.Remove(ServiceSettings.AppSecretVariable);
            (variables[ServiceSettings.AppKeyVariable + "_FILE"], variables[ServiceSettings.AppSecretVariable + "_FILE"]) = (key, secret);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            var (code, findings, _) = await RunDoctorAsync(variables);

            code.ShouldBe(ExitCode.Success);
            findings.ShouldContain(f => f.Text == $"app key and app secret: {key} (KISFEED_APPKEY_FILE)");
            if (!OperatingSystem.IsWindows())
            {
                findings.ShouldContain(f => f.Status == "warning"
                    && f.Text == $"{secret} holds a secret, and every user of this machine may read it: chmod o-r {secret}");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Additional_app_keys_are_reported_as_not_checked()
    {
        await using var service = await ScriptedService.StartAsync(1, closesConnection: false, Bytes(Samples.Index));
        var variables = service.Variables;
        variables["KISFEED_APPKEY_2"] = "ANOTHERAPPKEY00000000000000000000000";
        variables["KISFEED_APPSECRET_2"] = "ANOTHERAPPSECRET000000000000000000000000000000000";
        var (code, findings, _) = await RunDoctorAsync(variables);

        code.ShouldBe(ExitCode.Success);
        findings.ShouldContain(f => f.Text == "1 more app key is not checked: one connection is made, with the first");
    }

    [Theory]
    [InlineData("'nothing' is not a feed", "nothing:0001")]
    [InlineData("--url: 'http://x'", "--url", "http://x")]
    [InlineData("the mock service does not have H0UPCNT0", "index:0001", "--env", "mock")]
    public async Task Invalid_settings_are_a_failure_of_the_configuration(string text, params string[] arguments)
    {
        var (code, findings, _) = await RunDoctorAsync(Service.VariablesFor("ws://127.0.0.1:9"), Now, arguments);

        code.ShouldBe(ExitCode.Usage);
        var failed = findings.Single(f => f.Status == "failed");
        failed.Check.ShouldBe("configuration");
        failed.Text.ShouldContain(text);
    }
}

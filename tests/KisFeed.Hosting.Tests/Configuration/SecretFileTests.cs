namespace KisFeed.Hosting.Tests.Configuration;

/// <summary>Secrets in files named by variables.</summary>
public sealed class SecretFileTests : IDisposable
{
    private const string Secret = "Do0not1tell2this3";

    private readonly Home _home = new();

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData(Secret, Secret)]
    [InlineData(Secret + "\n", Secret)]
    [InlineData(Secret + "\r\n", Secret)]
    public void A_file_contains_the_value_of_a_variable(string content, string expected)
    {
        var configuration = KisFeedConfiguration.Read(_home.Sources(
            ("KISFEED_APPKEY_FILE", Write("appkey", "K\n")),
            ("KISFEED_APPSECRET_FILE", Write("appsecret", content)),
            ("KISFEED_HTSID_FILE", Write("htsid", "H\n"))));

        configuration.Validate();
        (configuration.Options.AppKey, configuration.Options.AppSecret, configuration.Options.HtsId).ShouldBe(("K", expected, "H"));
        configuration.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public void Origins_and_errors_name_the_file_and_the_variable()
    {
        var (key, secret, htsId) = (Write("appkey", "K"), Write("appsecret", Secret), Write("htsid", "H"));
        var configuration = KisFeedConfiguration.Read(
            _home.Sources(("KISFEED_APPKEY_FILE", key), ("KISFEED_APPSECRET_FILE", secret), ("KISFEED_HTSID_FILE", htsId)));

        configuration.Options.CredentialsSource.ShouldBe($"{key} (KISFEED_APPKEY_FILE) and {secret} (KISFEED_APPSECRET_FILE)");
        configuration.ToString().ShouldContain($"AppKey: {key} (KISFEED_APPKEY_FILE)");
        configuration.ToString().ShouldContain($"HtsId: {htsId} (KISFEED_HTSID_FILE)");
        configuration.ToString().ShouldNotContain(Secret);
        KisFeedConfiguration.Read(_home.Sources(("KISFEED_APPSECRET_FILE", secret))).Problem
            .ShouldStartWith($"KISFEED_APPKEY is not set, but {secret} (KISFEED_APPSECRET_FILE) is");
    }

    [Fact]
    public void Additional_app_keys_may_be_in_files_and_variables_and_files_may_be_mixed()
    {
        var configuration = KisFeedConfiguration.Read(_home.Sources(
            ("KISFEED_APPKEY", "K"), ("KISFEED_APPSECRET_FILE", Write("appsecret", "S")), ("KISFEED_APPKEY_2", "K2"),
            ("KISFEED_APPSECRET_2_FILE", Write("2", "S2")), ("KISFEED_HTSID_2_FILE", Write("h2", "H2"))));

        (configuration.Options.AppKey, configuration.Options.AppSecret).ShouldBe(("K", "S"));
        var further = configuration.Options.AdditionalAppKeys.ShouldHaveSingleItem();
        (further.AppKey, further.AppSecret, further.HtsId).ShouldBe(("K2", "S2", "H2"));
    }

    [Fact]
    public void An_empty_variable_counts_as_not_set() =>
        KisFeedConfiguration.Read(_home.Sources(("KISFEED_HTSID_FILE", ""), ("KISFEED_HTSID", "H"))).Options.HtsId.ShouldBe("H");

    [Fact]
    public void A_variable_and_its_file_variable_together_are_an_error() =>
        ErrorOf("KISFEED_APPSECRET_FILE", Write("appsecret", Secret), ("KISFEED_APPSECRET", "S"))
            .ShouldBe("KISFEED_APPSECRET and KISFEED_APPSECRET_FILE are both set. Set one of them.");

    [Fact]
    public void An_unusable_file_is_named_without_its_content()
    {
        var empty = Write("empty", "\n");
        ErrorOf("KISFEED_APPSECRET_FILE", empty).ShouldBe($"{empty} (KISFEED_APPSECRET_FILE) is empty. Write the secret to the file.");
        var large = Write("big", Secret + new string('x', 4096));
        ErrorOf("KISFEED_APPSECRET_FILE", large)
            .ShouldBe($"{large} (KISFEED_APPSECRET_FILE) is longer than 4096 bytes. The file must hold the secret and nothing else.");
        var missing = Path.Combine(_home.Folder, "missing");
        ErrorOf("KISFEED_HTSID_FILE", missing).ShouldStartWith($"KISFEED_HTSID_FILE names {missing}, which does not exist or ");
        ErrorOf("KISFEED_APPKEY_FILE", _home.Folder).ShouldStartWith($"{_home.Folder} (KISFEED_APPKEY_FILE) cannot be read: ");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/ab/cd")]
    public void A_secret_in_place_of_a_path_is_not_shown(string prefix)
    {
        var secret = prefix + Secret + new string('x', 150);
        foreach (var value in new[] { secret, secret + new string('y', 300) })
        {
            ErrorOf("KISFEED_APPSECRET_FILE", value).ShouldStartWith(
                "KISFEED_APPSECRET_FILE names a file (not shown, because it may be the secret itself), which does not exist or ");
        }
    }

    [Fact]
    public void A_world_readable_file_is_used_with_a_warning()
    {
        if (OperatingSystem.IsWindows())
            return;
        var path = Write("appsecret", Secret, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        var configuration = KisFeedConfiguration.Read(_home.Sources(("KISFEED_APPKEY", "K"), ("KISFEED_APPSECRET_FILE", path)));
        configuration.Options.AppSecret.ShouldBe(Secret);
        configuration.Warnings.ShouldBe([$"{path} holds a secret, and every user of this machine may read it: chmod o-r {path}"]);

        var credential = Write("credential", Secret, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        KisFeedConfiguration.Read(_home.Sources(("KISFEED_APPKEY", "K"), ("KISFEED_APPSECRET_FILE", credential))).Warnings.ShouldBeEmpty();
    }

    private string ErrorOf(string variable, string value, params (string, string)[] others)
    {
        var error = Should.Throw<KisFeedConfigurationException>(
            () => KisFeedConfiguration.Read(_home.Sources([(variable, value), .. others])));
        error.ToString().ShouldNotContain(Secret);
        return error.Message;
    }

    private string Write(string name, string content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var path = Path.Combine(_home.Folder, name);
        File.WriteAllText(path, content);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
        return path;
    }
}

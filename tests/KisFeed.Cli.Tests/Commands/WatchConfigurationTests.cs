using KisFeed.Hosting;
using KisFeed.Simulator;

namespace KisFeed.Cli.Tests.Commands;

/// <summary>The command line overrides variables, and those override the file of the official samples.</summary>
public sealed class WatchConfigurationTests : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("kisfeed-home-");

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public async Task The_file_is_sufficient()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { AppKey = Service.AppKey, HtsId = Service.HtsId });
        WriteFile(service.Url);
        var run = await WatchAsync(SingleVariable(), "notice", "--format", "json", "--count", "1");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Objects.ShouldHaveSingleItem().GetProperty("trId").GetString().ShouldBe("H0IFCNI0");
    }

    [Fact]
    public async Task An_address_on_the_command_line_overrides_the_file_whose_app_keys_still_apply()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { AppKey = Service.AppKey });
        WriteFile("ws://127.0.0.1:9");
        var run = await WatchAsync(SingleVariable(), "index:0001", "--url", service.Url, "--format", "json", "--count", "1");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
    }

    [Fact]
    public async Task Variables_override_the_file()
    {
        await using var service = await Service.StartAsync(new SimulatorOptions { AppKey = Service.AppKey });
        WriteFile("ws://127.0.0.1:9", appKey: "SOMEOTHERAPPKEY");
        var run = await WatchAsync(service.Variables, "index:0001", "--format", "json", "--count", "1");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
    }

    [Theory]
    [InlineData("mock", null, "index:0001", "the mock service does not have H0UPCNT0")]
    [InlineData("production", "mock", "index:0001", "the mock service does not have H0UPCNT0")]
    [InlineData("mock", "prod", "notice-mock:MyId", "H0IFCNI9 is on the mock service only")]
    public async Task The_environment_is_that_of_the_command_line_or_its_variable(
        string variable, string? option, string target, string error)
    {
        var run = await WatchAsync(
            SingleVariable(KisFeedVariables.Environment, variable), option is null ? [target] : [target, "--env", option]);

        run.ShouldFail(ExitCode.Usage, error);
    }

    [Fact]
    public async Task Missing_credentials_are_reported_with_all_their_sources()
    {
        var run = await WatchAsync(SingleVariable(), "index:0001");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldBe(
            "kisfeed: KISFEED_APPKEY and KISFEED_APPSECRET are not set, and there is no "
            + "~/KIS/config/kis_devlp.yaml with my_app and my_sec. "
            + "Set one of these pairs to the app key and the app secret that KIS Developers issued. Without an account, use 'kisfeed "
            + "demo', or 'kisfeed simulate', which prints the variables to set.\n");
    }

    [Fact]
    public async Task An_unreadable_file_is_reported_without_its_contents()
    {
        WriteFile("ws://127.0.0.1:9\"\n  broken: [");
        var run = await WatchAsync(SingleVariable(), "index:0001");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldStartWith("kisfeed: ~/KIS/config/kis_devlp.yaml, line ");
        run.Error.ShouldNotContain(Service.AppKey);
        run.Error.ShouldNotContain(Service.AppSecret);
    }

    [Fact]
    public async Task An_invalid_variable_is_reported()
    {
        var run = await WatchAsync(SingleVariable(KisFeedVariables.Url, "http://x"), "index:0001");

        run.ExitCode.ShouldBe(ExitCode.Usage);
        run.Error.ShouldStartWith("kisfeed: KISFEED_URL is 'http://x'");
    }

    private static Dictionary<string, string> SingleVariable(string name = "", string value = "") =>
        new(StringComparer.Ordinal) { [name] = value };

    private Task<CommandRun> WatchAsync(IReadOnlyDictionary<string, string> variables, params string[] arguments) =>
        CommandRun.WithHomeAsync(_home.FullName, variables, ["watch", .. arguments]);

    private void WriteFile(string socket, string appKey = Service.AppKey)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_home.FullName, "KIS", "config"));
        File.WriteAllText(Path.Combine(folder.FullName, "kis_devlp.yaml"), $"""
            my_app: "{appKey}"
            my_sec: "{Service.AppSecret}"
            my_htsid: "{Service.HtsId}"
            prod: "{socket.Replace("ws://", "http://", StringComparison.Ordinal).Split('"')[0]}"
            ops: "{socket}"
            """);
    }
}

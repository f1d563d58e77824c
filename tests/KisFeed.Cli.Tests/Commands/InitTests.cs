using KisFeed.Capture.Tests;
using KisFeed.Simulator;

namespace KisFeed.Cli.Tests.Commands;

public sealed class InitTests : IDisposable
{
    private const string Credentials = $"{Service.AppKey}\n{Service.AppSecret}\nMyHtsId\n";
    private const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly CaptureFolder _home = new();

    private string FilePath => Path.Combine(_home.Path, "KIS", "config", "kis_devlp.yaml");

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task The_credentials_are_checked_and_stored_where_every_command_finds_them()
    {
        await using var service = await Service.StartAsync();
        var url = new Dictionary<string, string>(StringComparer.Ordinal) { [ServiceSettings.UrlVariable] = service.Url };

        var run = await RunAsync(Credentials, url);

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Output.ShouldBeEmpty();
        run.Error.ShouldContain($"The service at http://127.0.0.1:{service.Port} accepts the credentials.");
        run.Error.ShouldContain("Stored in ~/KIS/config/kis_devlp.yaml, which only you can read: my_app, my_sec, my_htsid");
        run.Error.ShouldNotContain(Service.AppKey);
        run.Error.ShouldNotContain(Service.AppSecret);
        (await File.ReadAllTextAsync(FilePath)).ShouldBe(
            $"my_app: \"{Service.AppKey}\"\nmy_sec: \"{Service.AppSecret}\"\nmy_htsid: \"MyHtsId\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(FilePath).ShouldBe(OwnerOnlyFile);
            for (var folder = Path.GetDirectoryName(FilePath)!; folder != _home.Path; folder = Path.GetDirectoryName(folder)!)
                File.GetUnixFileMode(folder).ShouldBe(OwnerOnlyFile | UnixFileMode.UserExecute);
        }

        var watch = await CommandRun.WithHomeAsync(_home.Path, url, "watch", "index:0001", "--count", "1");
        watch.ExitCode.ShouldBe(ExitCode.Success, watch.Error);
        watch.Error.ShouldNotContain("placeholders");
    }

    [Fact]
    public async Task Other_entries_stay_and_an_app_key_is_replaced_only_with_force()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        await File.WriteAllTextAsync(FilePath, "# mine\nmy_app: \"앱키\"\nmy_acct_stock: 12345678\npaper_app: \"OTHER\"\n");

        (await RunAsync(Credentials, [], "--no-check")).ExitCode.ShouldBe(ExitCode.Success);
        (await RunAsync(Credentials, [], "--no-check", "--env", "mock"))
            .ShouldFail(ExitCode.Usage, "~/KIS/config/kis_devlp.yaml has paper_app already; nothing was changed. Replace it with --force");
        (await RunAsync("NEWKEY\nNEWSECRET\n", [], "--no-check")).ShouldFail(ExitCode.Usage, "has my_app already");
        var replaced = await RunAsync("NEWKEY\nNEWSECRET\n", [], "--no-check", "--env", "mock", "--force");

        replaced.ExitCode.ShouldBe(ExitCode.Success);
        replaced.Error.ShouldContain("'kisfeed doctor --env mock'");
        (await File.ReadAllTextAsync(FilePath)).ShouldBe($"# mine\nmy_app: \"{Service.AppKey}\"\nmy_acct_stock: 12345678\n"
            + $"paper_app: \"NEWKEY\"\nmy_sec: \"{Service.AppSecret}\"\nmy_htsid: \"MyHtsId\"\npaper_sec: \"NEWSECRET\"\n");
        Directory.GetFiles(Path.GetDirectoryName(FilePath)!).ShouldBe([FilePath]);
    }

    [Fact]
    public async Task Refused_credentials_are_not_stored()
    {
        await using var service = await Service.StartAsync(
            new SimulatorOptions { Faults = new SimulatorFaults { ApprovalFails = 100 } });
        var url = new Dictionary<string, string>(StringComparer.Ordinal) { [ServiceSettings.UrlVariable] = service.Url };

        var run = await RunAsync(Credentials, url);

        run.ExitCode.ShouldBeOneOf(ExitCode.Refused, ExitCode.ConnectionLost);
        run.Error.ShouldContain("Nothing was stored.");
        run.Error.ShouldNotContain(Service.AppSecret);
        File.Exists(FilePath).ShouldBeFalse();
    }

    [Theory]
    [InlineData("", "no app key was given; nothing was stored")]
    [InlineData("KEY\n\n", "no app secret was given; nothing was stored")]
    [InlineData("KEY WITH SPACES\nSECRET\n", "the app key has spaces or characters that KIS Developers does not issue")]
    [InlineData("KEY\nSECRET키\n", "the app secret has spaces or characters that KIS Developers does not issue")]
    public async Task Input_that_cannot_be_credentials_is_refused(string input, string problem)
    {
        (await RunAsync(input, [], "--no-check")).ShouldFail(ExitCode.Usage, problem);

        Directory.Exists(Path.Combine(_home.Path, "KIS")).ShouldBeFalse();
    }

    [Fact]
    public async Task The_file_of_a_variable_is_used_and_other_variables_are_reported()
    {
        var file = Path.Combine(_home.Path, "own.yaml");
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["KISFEED_CONFIG"] = file,
            [ServiceSettings.AppKeyVariable] = "OTHER",
        };

        var run = await RunAsync(Credentials, variables, "--no-check");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldContain("Stored in ~/own.yaml");
        run.Error.ShouldContain("is set: it takes precedence");
        File.Exists(file).ShouldBeTrue();
        variables["KISFEED_CONFIG"] = "none";
        (await RunAsync(Credentials, variables, "--no-check")).ShouldFail(ExitCode.Usage, "unset KISFEED_CONFIG");
    }

    private async Task<CommandRun> RunAsync(string input, Dictionary<string, string> variables, params string[] arguments)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(input));
        return await CommandRun.RunAsync(stream, ["init", .. arguments], variables, _home.Path);
    }
}

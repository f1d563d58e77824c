using KisFeed.Simulator;
using KisFeed.Tests.Client;

namespace KisFeed.Cli.Tests;

/// <summary>Output and logs of the command contain no secrets at any log level.</summary>
public sealed class SecretsTests : IDisposable
{
    private const string AppKey = "PScommandcommandcommandcommandcomm00";
    private const string AppSecret = "Y29tbWFuZGNvbW1hbmRjb21tYW5kY29tbWFuZGNvbW1hbmRjb21tYW5kY29tbWFuZA==";
    private const string WrongSecret = "d3Jvbmd3cm9uZ3dyb25nd3Jvbmd3cm9uZ3dyb25nd3Jvbmd3cm9uZ3dyb25nd3Jvbmc=";
    private const string HtsId = "HtsIdOfAnna7";

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("kisfeed-home-");
    private readonly SecretSearch _search = new();

    public SecretsTests()
    {
        _search.Add("app key", AppKey);
        _search.Add("app secret", AppSecret);
        _search.Add("wrong secret", WrongSecret);
    }

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public async Task The_log_and_output_of_a_session_have_no_secrets()
    {
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { Port = 0, Rate = 2000, AppKey = AppKey, AppSecret = AppSecret, HtsId = HtsId });
        await using var relay = await SecretsRelay.StartAsync(server.WebSocketUrl, _search);
        var run = await RunAsync(Variables(relay.Url), "watch", "notice", "--format", "json", "--count", "2");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldContain("connected to");
        relay.Seen.ShouldBeGreaterThanOrEqualTo(3);

        // The output contains the accounts of order notices, which are the consumer's own data; the log does not.
        _search.ShouldFindNothingIn([run.Output]);
        _search.Add("account number", run.Objects[0].GetProperty("accountNumber").GetString()!);
        _search.FindIn(run.Output).ShouldBe(["account number"]);
        _search.Add("HTS ID", HtsId);
        _search.ShouldFindNothingIn([run.Error]);
        ShouldHaveNoFiles();
    }

    [Fact]
    public async Task The_output_of_the_doctor_has_no_secrets()
    {
        _search.Add("HTS ID", HtsId);
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { Port = 0, Rate = 2000, AppKey = AppKey, AppSecret = AppSecret, HtsId = HtsId });
        await using var relay = await SecretsRelay.StartAsync(server.WebSocketUrl, _search);
        var run = await RunAsync(Variables(relay.Url), "doctor", "notice");

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error + run.Output);
        run.Error.ShouldContain("connected to");
        relay.Seen.ShouldBeGreaterThanOrEqualTo(3);
        _search.ShouldFindNothingIn([run.Error, run.Output]);
        ShouldHaveNoFiles();
    }

    [Theory]
    [InlineData("watch")]
    [InlineData("doctor")]
    public async Task Refused_credentials_are_not_shown(string verb)
    {
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { Port = 0, AppKey = AppKey, AppSecret = AppSecret });
        var variables = Variables(server.WebSocketUrl);
        variables[ServiceSettings.AppSecretVariable] = WrongSecret;
        var run = await RunAsync(variables, verb, "index:0001");

        run.ExitCode.ShouldBe(ExitCode.Refused);
        (run.Error + run.Output).ShouldContain("EGW00105");
        _search.ShouldFindNothingIn([run.Error, run.Output]);
    }

    [Theory]
    [InlineData("watch")]
    [InlineData("doctor")]
    public async Task Credentials_repeated_by_the_service_are_not_shown(string verb)
    {
        _search.Add("HTS ID", HtsId);
        var refusal = $$$"""{"header":{"tr_id":"(null)"},"body":{"rt_cd":"9","msg_cd":"OPSP0010","msg1":"{{{AppKey}}} """
            + $$$"""{{{AppSecret}}} {{{HtsId}}}"}}""";
        await using var service = await ScriptedService.StartAsync(1, closesConnection: false, Encoding.UTF8.GetBytes(refusal));
        var run = await RunAsync(Variables(new Uri(service.Variables[ServiceSettings.UrlVariable])), verb, "index:0001");

        run.ExitCode.ShouldBe(ExitCode.Refused, run.Output);
        (run.Error + run.Output).ShouldContain("OPSP0010 *** *** ***");
        _search.ShouldFindNothingIn([run.Error, run.Output]);
    }

    [Theory]
    [InlineData("my_app: \"{0}\"\nmy_sec: \"{1}\nprod: x")]
    [InlineData("my_app: [{0}, {1}]\nmy_sec: {{ a: {1} }}")]
    [InlineData("{0}: {1}\n {0}\n\t{1}")]
    [InlineData("my_app: {0}\nmy_sec: {1}\nops: {1}")]
    public async Task An_unusable_credentials_file_exposes_no_secrets(string form)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_home.FullName, "KIS", "config"));
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "kis_devlp.yaml"),
            string.Format(System.Globalization.CultureInfo.InvariantCulture, form, AppKey, AppSecret));
        foreach (var verb in new[] { "watch", "doctor" })
        {
            var run = await RunAsync(new Dictionary<string, string>(StringComparer.Ordinal), verb, "index:0001");

            run.ExitCode.ShouldBe(ExitCode.Usage);
            (run.Error + run.Output).ShouldNotBeEmpty();
            _search.ShouldFindNothingIn([run.Error, run.Output]);
        }
    }

    [Fact]
    public async Task Secrets_of_consumers_are_shown_only_once()
    {
        var none = new Dictionary<string, string>(StringComparer.Ordinal);
        string[] token = ["gateway", "token"];
        var added = await CommandRun.WithHomeAsync(_home.FullName, none, [.. token, "add", "anna", "--format", "json"]);
        var secret = added.Objects[0].GetProperty("appSecret").GetString()!;
        _search.Add("app key of anna", added.Objects[0].GetProperty("appKey").GetString()!);
        _search.Add("secret of anna", secret);
        _search.Add("hash of anna", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(secret))));
        _search.ShouldFindNothingIn([added.Error]);
        var found = _search.FindIn(added.Output).ToArray();
        found.Length.ShouldBe(2);
        found.ShouldAllBe(name => name == "app key of anna" || name == "secret of anna");
        foreach (var arguments in (string[][])[["add", "anna"],
            ["add", "anna", "--feeds", "index,nothing"],
            ["list"],
            ["list", "--format", "json"],
            ["remove", "boris"],
            ["add", "boris"],
            ["add", "anna", "--replace"],
            ["remove", "anna"]])
        {
            var run = await CommandRun.WithHomeAsync(_home.FullName, none, [.. token, .. arguments]);
            (run.Output + run.Error).ShouldNotBeEmpty();
            _search.ShouldFindNothingIn([run.Output, run.Error]);
        }
    }

    private static Dictionary<string, string> Variables(Uri url) => new(StringComparer.Ordinal)
    {
        [ServiceSettings.UrlVariable] = url.AbsoluteUri,
        [ServiceSettings.AppKeyVariable] = AppKey,
        [ServiceSettings.AppSecretVariable] = AppSecret,
        [ServiceSettings.HtsIdVariable] = HtsId,
    };

    private Task<CommandRun> RunAsync(Dictionary<string, string> variables, params string[] arguments) =>
        CommandRun.WithHomeAsync(_home.FullName, variables, [.. arguments, "--log", "trace"]);

    private void ShouldHaveNoFiles() => _home.EnumerateFiles("*", SearchOption.AllDirectories).ShouldBeEmpty();
}

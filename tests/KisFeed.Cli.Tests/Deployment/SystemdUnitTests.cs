using System.Text.RegularExpressions;

namespace KisFeed.Cli.Tests.Deployment;

/// <summary>
/// Checks the systemd unit of the gateway, and what an ingest and an edge of a cluster add to it, with systemd-analyze, if installed.
/// </summary>
public sealed class SystemdUnitTests : IDisposable
{
    private const string Analyze = "/usr/bin/systemd-analyze";
    private const decimal MaxExposure = 2.0m; // Of at most 10.

    private static readonly string s_unit = Path.Combine(RepositoryRoot.Path, "deploy", "systemd", "kisfeed-gateway.service");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-unit-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_unit_has_a_low_exposure_level()
    {
        if (!File.Exists(Analyze))
            return;
        var output = await RunAsync("security", "--offline=true", "--no-pager", s_unit);

        var exposure = Regex.Match(
            output,
            @"Overall exposure level for kisfeed-gateway\.service: (?<level>\d+\.\d+)",
            RegexOptions.ExplicitCapture,
            Patience.Limit);
        exposure.Success.ShouldBeTrue(output);
        decimal.Parse(exposure.Groups["level"].Value, CultureInfo.InvariantCulture).ShouldBeLessThan(MaxExposure, output);
    }

    [Fact]
    public async Task Systemd_understands_every_line()
    {
        if (!File.Exists(Analyze))
            return;
        var copy = Path.Combine(_folder.FullName, "kisfeed-gateway.service");
        await CopyAsync(s_unit, copy);

        (await RunAsync("verify", copy)).ShouldNotContain("kisfeed-gateway.service");
    }

    [Theory]
    [InlineData("ingest")]
    [InlineData("edge")]
    public async Task Systemd_understands_every_line_of_the_units_of_a_cluster(string role)
    {
        if (!File.Exists(Analyze))
            return;
        var (unit, settings) = await CopyAsync(role);

        var output = await RunAsync("verify", unit);

        output.ShouldNotContain(Path.GetFileName(unit));
        output.ShouldNotContain(Path.GetFileName(settings));
    }

    [Theory]
    [InlineData("ingest", "KISFEED_APPKEY and KISFEED_APPSECRET are not set")]
    [InlineData("edge", "/etc/kisfeed/ca.pem")]
    public async Task The_command_line_of_a_unit_of_a_cluster_is_valid(string role, string problem)
    {
        var password = Path.Combine(_folder.FullName, "coordination");
        await File.WriteAllTextAsync(password, "password");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(password, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var arguments = UnitFile.Value(SettingsOf(role), "ExecStart").Split(' ')[1..].Select(argument => argument
            .Replace("${KISFEED_AMQP}", $"amqps://kisfeed_{role}@mq1,amqps://kisfeed_{role}@mq2", StringComparison.Ordinal)
            .Replace("${KISFEED_COORDINATION}", $"postgres://kisfeed_{role}@db1,db2/kisfeed", StringComparison.Ordinal)
            .Replace("%d", _folder.FullName, StringComparison.Ordinal)
            .Replace($"/var/lib/kisfeed-{role}", _folder.FullName, StringComparison.Ordinal));

        var run = await CommandRun.WithVariablesAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["KISFEED_AMQP_PASSWORD"] = "password" }, [.. arguments]);

        run.Error.ShouldContain(problem);
    }

    [Fact]
    public async Task The_command_line_of_the_unit_is_valid()
    {
        var arguments = UnitFile.Value(s_unit, "ExecStart").Split(' ')[1..];

        var run = await CommandRun.WithVariablesAsync(new Dictionary<string, string>(StringComparer.Ordinal), arguments);

        // The command line is valid if the command fails only because of the missing secrets.
        run.Error.ShouldStartWith("kisfeed: KISFEED_APPKEY and KISFEED_APPSECRET are not set");
    }

    private static string SettingsOf(string role) =>
        Path.Combine(RepositoryRoot.Path, "deploy", "systemd", $"kisfeed-{role}.service.d", $"{role}.conf");

    // The unit of the gateway under another name, with the settings beside it, as deploy/README.md says.
    private async Task<(string Unit, string Settings)> CopyAsync(string role)
    {
        var unit = Path.Combine(_folder.FullName, $"kisfeed-{role}.service");
        var settings = Path.Combine(Directory.CreateDirectory($"{unit}.d").FullName, $"{role}.conf");
        await CopyAsync(s_unit, unit);
        await CopyAsync(SettingsOf(role), settings);
        return (unit, settings);
    }

    // The program is not installed in the unit's path.
    private static async Task CopyAsync(string from, string to) =>
        await File.WriteAllTextAsync(
            to, (await File.ReadAllTextAsync(from)).Replace("/opt/kisfeed/kisfeed", "/bin/true", StringComparison.Ordinal));

    private static async Task<string> RunAsync(params string[] arguments)
    {
        await using var analyze = ProcessRunner.Start(Analyze, arguments);
        (await analyze.WaitForExitAsync(Patience.Limit)).ShouldBe(0, analyze.Output + analyze.Errors);
        return analyze.Output + analyze.Errors;
    }
}

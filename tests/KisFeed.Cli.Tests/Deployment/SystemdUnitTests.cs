using System.Globalization;
using System.Text.RegularExpressions;
using KisFeed.Cli.Tests.Running;
using KisFeed.Testing;

namespace KisFeed.Cli.Tests.Deployment;

/// <summary>Checks the systemd unit of the gateway with systemd-analyze, if installed.</summary>
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

        var exposure = Regex.Match(output, @"Overall exposure level for kisfeed-gateway\.service: (?<level>\d+\.\d+)", RegexOptions.ExplicitCapture, Patience.Limit);
        exposure.Success.ShouldBeTrue(output);
        decimal.Parse(exposure.Groups["level"].Value, CultureInfo.InvariantCulture).ShouldBeLessThan(MaxExposure, output);
    }

    [Fact]
    public async Task Systemd_understands_every_line()
    {
        if (!File.Exists(Analyze))
            return;
        // The program is not installed in the unit's path.
        var copy = Path.Combine(_folder.FullName, "kisfeed-gateway.service");
        await File.WriteAllTextAsync(copy, (await File.ReadAllTextAsync(s_unit)).Replace("/opt/kisfeed/kisfeed", "/bin/true", StringComparison.Ordinal));

        (await RunAsync("verify", copy)).ShouldNotContain("kisfeed-gateway.service");
    }

    [Fact]
    public async Task The_command_line_of_the_unit_is_valid()
    {
        var line = (await File.ReadAllLinesAsync(s_unit)).Single(l => l.StartsWith("ExecStart=", StringComparison.Ordinal));
        var arguments = line.Split(' ')[1..];

        var run = await CommandRun.WithVariablesAsync(new Dictionary<string, string>(StringComparer.Ordinal), arguments);

        // The command line is valid if the command fails only because of the missing secrets.
        run.Error.ShouldStartWith("kisfeed: KISFEED_APPKEY and KISFEED_APPSECRET are not set");
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        await using var analyze = ProcessRunner.Start(Analyze, arguments);
        (await analyze.WaitForExitAsync(Patience.Limit)).ShouldBe(0, analyze.Output + analyze.Errors);
        return analyze.Output + analyze.Errors;
    }
}

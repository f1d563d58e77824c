using System.Globalization;
using System.Text.RegularExpressions;
using KisFeed.Cli.Tests.Running;
using KisFeed.Testing;
using KisFeed.Tests.Architecture;

namespace KisFeed.Cli.Tests.Deployment;

/// <summary>The systemd unit of the gateway, by systemd's own judgement where there is systemd-analyze.</summary>
public sealed class SystemdUnitTests : IDisposable
{
    private const string Analyze = "/usr/bin/systemd-analyze";
    private const decimal MostExposed = 2.0m; // Of 10.

    private static readonly string s_unit = Path.Combine(RepositoryRoot.Path, "deploy", "systemd", "kisfeed-gateway.service");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-unit-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task It_exposes_little()
    {
        if (!File.Exists(Analyze))
            return;
        var output = await RunAsync("security", "--offline=true", "--no-pager", s_unit);

        var exposure = Regex.Match(output, @"Overall exposure level for kisfeed-gateway\.service: (?<level>\d+\.\d+)", RegexOptions.ExplicitCapture, Patience.Limit);
        exposure.Success.ShouldBeTrue(output);
        decimal.Parse(exposure.Groups["level"].Value, CultureInfo.InvariantCulture).ShouldBeLessThan(MostExposed, output);
    }

    [Fact]
    public async Task Systemd_understands_every_line()
    {
        if (!File.Exists(Analyze))
            return;
        // The program is not installed where the unit says.
        var copy = Path.Combine(_folder.FullName, "kisfeed-gateway.service");
        await File.WriteAllTextAsync(copy, (await File.ReadAllTextAsync(s_unit)).Replace("/opt/kisfeed/kisfeed", "/bin/true", StringComparison.Ordinal));

        (await RunAsync("verify", copy)).ShouldNotContain("kisfeed-gateway.service");
    }

    [Fact]
    public async Task Its_command_line_is_one_that_the_gateway_takes()
    {
        var line = (await File.ReadAllLinesAsync(s_unit)).Single(l => l.StartsWith("ExecStart=", StringComparison.Ordinal));
        var arguments = line.Split(' ')[1..];

        var run = await CommandRun.WithVariablesAsync(new Dictionary<string, string>(StringComparer.Ordinal), arguments);

        // It gets as far as the secrets, which are not here.
        run.Error.ShouldStartWith("kisfeed: KISFEED_APPKEY and KISFEED_APPSECRET are not set");
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        await using var analyze = ChildProcess.Start(Analyze, arguments);
        (await analyze.WaitForExitAsync(Patience.Limit)).ShouldBeTrue();
        analyze.ExitCode.ShouldBe(0, analyze.Output + analyze.Errors);
        return analyze.Output + analyze.Errors;
    }
}

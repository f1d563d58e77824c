using System.Text.Json;

namespace KisFeed.Hostile.Tests.Deployment;

/// <summary>The gateway works under the system call filter of its systemd unit.</summary>
public sealed class SystemCallFilterTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-unit-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_gateway_serves_records_reloads_and_stops_under_the_filter()
    {
        Assert.SkipUnless(HasTools(), "needs Linux with systemd-analyze, libseccomp.so.2 and /usr/bin/python3");
        var unit = Path.Combine(RepositoryRoot.Path, "deploy", "systemd", "kisfeed-gateway.service");
        var filter = Path.Combine(RepositoryRoot.Path, "tests", "KisFeed.Hostile.Tests", "Deployment", "syscall_filter.py");
        var capture = Path.Combine(_folder.FullName, "capture");
        await using var gateway = ProcessRunner.Start("python3",
        [
            filter, unit, .. ProcessRunner.KisFeed,
            "gateway", "--simulate", "--rate", "200", "--port", "0", "--format", "json", "--keep", "index:0001", "--record", capture,
            "--insecure-no-tokens",
        ]);
        var line = await gateway.ReadLineAsync(Patience.Limit);
        var url = new Uri(JsonSerializer.Deserialize<JsonElement>(line).GetProperty("rest").GetString()!);

        using var web = new HttpClient { BaseAddress = url };
        await using var stream = await web.GetStreamAsync(new Uri("/v1/stream?subscribe=index:0001", UriKind.Relative))
            .WaitAsync(Patience.Limit);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync().WaitAsync(Patience.Limit) is { } text && !text.Contains("\"price\"", StringComparison.Ordinal))
            text.ShouldNotContain("error");
        await gateway.SignalAsync("HUP");
        (await web.GetStringAsync(new Uri("/healthz", UriKind.Relative))).ShouldNotBeEmpty();
        await gateway.SignalAsync("TERM");

        (await gateway.WaitForExitAsync(Patience.Limit)).ShouldBe(0, gateway.Errors);
        Directory.EnumerateFiles(capture, "*.log.gz", SearchOption.AllDirectories).ShouldNotBeEmpty();
    }

    // "eng/setup.sh --all" installs them.
    private static bool HasTools() =>
        OperatingSystem.IsLinux()
        && File.Exists("/usr/bin/systemd-analyze")
        && File.Exists("/usr/bin/python3")
        && Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu*").Any(folder => File.Exists(Path.Combine(folder, "libseccomp.so.2")));
}

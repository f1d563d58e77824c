using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace KisFeed.Hostile.Tests.Peers;

/// <summary><c>kisfeed gateway</c> in one network namespace and consumers in another, with a link between them that can be cut.</summary>
internal sealed class TwoNetworks : IAsyncDisposable
{
    private readonly RunningProcess _shell;

    private TwoNetworks(RunningProcess shell) => _shell = shell;

    /// <summary>Skips the test if this machine does not permit network namespaces for its users.</summary>
    public static void Require() => Assert.SkipUnless(
        OperatingSystem.IsLinux() && TryNetworks(),
        "needs Linux with user namespaces, and ip, unshare and nsenter (packages iproute2 and util-linux)");

    /// <summary>Creates the networks and starts the gateway.</summary>
    public static async Task<TwoNetworks> OpenAsync()
    {
        var script = Path.Combine(RepositoryRoot.Path, "tests", "KisFeed.Hostile.Tests", "Peers", "two-networks.sh");
        var networks = new TwoNetworks(
            ProcessRunner.Start("unshare", ["--user", "--map-root-user", "--net", "bash", script, .. ProcessRunner.KisFeed]));
        await networks.ExpectAsync("ready");
        return networks;
    }

    /// <summary>Connects a number of consumers of each protocol, which read.</summary>
    public async Task ConnectAsync(int count)
    {
        await _shell.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"connect {count}"));
        await ExpectAsync("connected");
    }

    /// <summary>Cuts the link without notifying either side.</summary>
    public async Task CutAsync()
    {
        await _shell.WriteLineAsync("cut");
        await ExpectAsync("cut");
    }

    /// <summary>The gateway's status.</summary>
    public async Task<JsonElement> StatusAsync()
    {
        await _shell.WriteLineAsync("status");
        using var json = JsonDocument.Parse(await AnswerAsync());
        return json.RootElement.Clone();
    }

    /// <summary>The gateway's working set in KiB.</summary>
    public async Task<long> MemoryAsync()
    {
        await _shell.WriteLineAsync("memory");
        return long.Parse(await AnswerAsync(), CultureInfo.InvariantCulture);
    }

    // The script stops everything when its input ends.
    public async ValueTask DisposeAsync()
    {
        _shell.Input.Close();
        await _shell.TryWaitForExitAsync(Patience.Limit);
        await _shell.DisposeAsync();
    }

    private async Task ExpectAsync(string answer) => (await AnswerAsync()).ShouldBe(answer, _shell.Errors);

    private Task<string> AnswerAsync() => _shell.ReadLineAsync(Patience.Limit);

    private static bool TryNetworks()
    {
        using var process = Process.Start("/bin/sh", ["-c", "unshare --user --map-root-user --net sh -c 'ip link add near type veth peer "
            + "name far' 2>/dev/null && command -v nsenter >/dev/null"]);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

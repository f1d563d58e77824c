using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using KisFeed.Cli.Tests.Running;
using KisFeed.Tests.Architecture;

namespace KisFeed.Hostile.Tests.Peers;

/// <summary><c>kisfeed gateway</c> in one network of this machine and consumers in another, with a cable between them that can be cut.</summary>
internal sealed class TwoNetworks : IAsyncDisposable
{
    private readonly ChildProcess _shell;

    private TwoNetworks(ChildProcess shell) => _shell = shell;

    /// <summary>Makes them.</summary>
    public static async Task<TwoNetworks> OpenAsync()
    {
        var script = Path.Combine(RepositoryRoot.Path, "tests", "KisFeed.Hostile.Tests", "Peers", "two-networks.sh");
        var networks = new TwoNetworks(ChildProcess.Start("unshare", ["--user", "--map-root-user", "--net", "bash", script, Path.Combine(AppContext.BaseDirectory, "KisFeed.Cli.dll")]));
        await networks.ExpectAsync("ready");
        return networks;
    }

    /// <summary>Lets so many consumers of each protocol connect, and read.</summary>
    public async Task ConnectAsync(int count)
    {
        await SayAsync(string.Create(CultureInfo.InvariantCulture, $"connect {count}"));
        await ExpectAsync("connected");
    }

    /// <summary>Cuts the cable: neither side hears of the other again.</summary>
    public async Task CutAsync()
    {
        await SayAsync("cut");
        await ExpectAsync("cut");
    }

    /// <summary>The gateway's status.</summary>
    public async Task<JsonElement> StatusAsync()
    {
        await SayAsync("status");
        using var json = JsonDocument.Parse(await AnswerAsync());
        return json.RootElement.Clone();
    }

    /// <summary>The gateway's working set in KiB.</summary>
    public async Task<long> MemoryAsync()
    {
        await SayAsync("memory");
        return long.Parse(await AnswerAsync(), CultureInfo.InvariantCulture);
    }

    // With its input the script ends all that it has started.
    public async ValueTask DisposeAsync()
    {
        _shell.Input.Close();
        await _shell.WaitForExitAsync(Patience.Limit);
        await _shell.DisposeAsync();
    }

    private async Task SayAsync(string line)
    {
        await _shell.Input.WriteLineAsync(line);
        await _shell.Input.FlushAsync();
    }

    private async Task ExpectAsync(string answer) => (await AnswerAsync()).ShouldBe(answer, _shell.Errors);

    private async Task<string> AnswerAsync() => (await _shell.NextLineAsync(Patience.Limit)).ShouldNotBeNull(_shell.Errors);
}

/// <summary>A test with two networks, which is skipped where this machine does not let its users have networks of their own.</summary>
internal sealed class TwoNetworksFactAttribute : FactAttribute
{
    private static readonly bool s_hasNetworks = OperatingSystem.IsLinux() && TryNetworks();

    public TwoNetworksFactAttribute()
    {
        if (!s_hasNetworks)
            Skip = "needs Linux with user namespaces, and ip, unshare and nsenter (packages iproute2 and util-linux)";
    }

    private static bool TryNetworks()
    {
        using var trial = Process.Start("/bin/sh", ["-c", "unshare --user --map-root-user --net sh -c 'ip link add near type veth peer name far' 2>/dev/null && command -v nsenter >/dev/null"]);
        trial.WaitForExit();
        return trial.ExitCode == 0;
    }
}

using System.Diagnostics;

namespace KisFeed.Cli.Tests.Gateways;

/// <summary>
/// Processes with a name of this machine that can be removed while they run: <c>/etc/hosts</c> is a file of this test for them.
/// </summary>
internal sealed class OwnNames : IDisposable
{
    /// <summary>The name.</summary>
    public const string Host = "broker.test";

    // The file is mounted, so it must stay the same file.
    private const string Mount = """mount --bind "$0" /etc/hosts && mount --bind "$1" /etc/resolv.conf && shift && exec "$@" """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-names-");
    private readonly string _hosts;
    private readonly string _resolver;

    /// <summary>Skips the test if this machine does not permit mounts for its users.</summary>
    public static void Require() =>
        Assert.SkipUnless(OperatingSystem.IsLinux() && TryMount(), "needs Linux with user namespaces, and unshare (package util-linux)");

    public OwnNames()
    {
        _hosts = Path.Combine(_folder.FullName, "hosts");
        _resolver = Path.Combine(_folder.FullName, "resolv.conf");
        // Nothing answers there, so a name that is not in the file is unknown at once.
        File.WriteAllText(_resolver, "nameserver 127.0.0.1\n");
        Restore();
    }

    /// <summary>Starts <c>kisfeed</c> with these names.</summary>
    public RunningProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) => ProcessRunner.Start(
        "unshare",
        [
            "--user", "--map-root-user", "--mount", "sh", "-c", Mount, _hosts, _resolver, .. ProcessRunner.KisFeed, .. arguments,
        ],
        new ProcessOptions { Environment = environment });

    public void Remove() => File.WriteAllText(_hosts, "127.0.0.1 localhost\n");

    public void Restore() => File.WriteAllText(_hosts, $"127.0.0.1 localhost {Host}\n");

    public void Dispose() => _folder.Delete(recursive: true);

    private static bool TryMount()
    {
        using var process = Process.Start(
            "/bin/sh", ["-c", "unshare --user --map-root-user --mount mount --bind /etc/hosts /etc/resolv.conf 2>/dev/null"]);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

using System.Runtime.InteropServices;

namespace KisFeed.Server;

/// <summary>
/// How many files and sockets the process may have open (RLIMIT_NOFILE). At the limit nothing can be opened any more, not even a thread be started, so a server keeps away from it. The runtime has raised the soft limit to the
/// hard one when it started.
/// </summary>
internal static class DescriptorLimit
{
    /// <summary>Descriptors that are not for connections: some 200 that the process has open itself, and 150 for files, the connections upstream, the recorder, health checks and new threads.</summary>
    public const int Reserve = 350;

    /// <summary>Connections that are taken under any limit.</summary>
    public const int FewestConnections = 16;

    private const int NoFileOnLinux = 7;
    private const int NoFileElsewhere = 8;

    /// <summary>The limit; <see langword="null"/> where the system has none.</summary>
    public static long? Current { get; } = Read();

    /// <summary>How many connections to take.</summary>
    /// <param name="connections">How many are asked for.</param>
    /// <param name="limit">The limit of descriptors.</param>
    public static int Clamp(int connections, long? limit) =>
        limit is { } most ? (int)Math.Clamp(most - Reserve, Math.Min(connections, FewestConnections), connections) : connections;

    private static long? Read()
    {
        if (OperatingSystem.IsWindows() || GetResourceLimit(OperatingSystem.IsLinux() ? NoFileOnLinux : NoFileElsewhere, out var limit) != 0)
            return null;
        return limit.Current > int.MaxValue ? null : (long)limit.Current;
    }

    [DllImport("libc", EntryPoint = "getrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetResourceLimit(int resource, out ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct ResourceLimit
    {
        public readonly nuint Current;
        public readonly nuint Most;
    }
}

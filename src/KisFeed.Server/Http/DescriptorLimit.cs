using System.Runtime.InteropServices;

namespace KisFeed.Server.Http;

/// <summary>
/// The limit of open files and sockets of the process (RLIMIT_NOFILE). At the limit nothing can be opened, and not even a thread can start,
/// so a server stays below it. The runtime raises the soft limit to the hard limit when it starts.
/// </summary>
internal static class DescriptorLimit
{
    /// <summary>
    /// Descriptors that are reserved for other purposes: about 200 of the process itself, and 150 for files, upstream connections, the
    /// recorder, health checks and new threads.
    /// </summary>
    public const int Reserve = 350;

    /// <summary>The minimum of connections that are accepted under any limit.</summary>
    public const int MinConnections = 16;

    private const int NoFileOnLinux = 7;
    private const int NoFileElsewhere = 8;

    /// <summary>The limit, or <see langword="null"/> if the system has none.</summary>
    public static long? Current { get; } = Read();

    /// <summary>Reduces a number of connections to what the limit of descriptors allows.</summary>
    public static int Clamp(int connections, long? limit) =>
        limit is { } most ? (int)Math.Clamp(most - Reserve, Math.Min(connections, MinConnections), connections) : connections;

    private static long? Read()
    {
        if (OperatingSystem.IsWindows()
            || GetResourceLimit(OperatingSystem.IsLinux() ? NoFileOnLinux : NoFileElsewhere, out var limit) != 0)
        {
            return null;
        }
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

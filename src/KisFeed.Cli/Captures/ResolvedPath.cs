using KisFeed.Cli.Hosting;

namespace KisFeed.Cli.Captures;

/// <summary>Where what is written to a path comes to lie, behind all links that lead there.</summary>
/// <param name="Path">The file itself; of a device, the path as it was given.</param>
/// <param name="IsDevice">Whether it is a device, or a stream of the process such as <c>/dev/stdout</c>: to be written to, not to be replaced.</param>
internal sealed record ResolvedPath(string Path, bool IsDevice)
{
    private const int MostLinks = 40;

    /// <summary>Follows a path.</summary>
    /// <exception cref="CommandException">Its links lead nowhere.</exception>
    public static ResolvedPath Of(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        if (OperatingSystem.IsWindows())
            return new ResolvedPath(full, IsDevice: false);
        var names = new Stack<string>();
        Push(names, full);
        var (at, links) = ("/", 0);
        while (names.TryPop(out var name))
        {
            var next = System.IO.Path.GetFullPath(name, at);
            if (IsUnderDevices(next))
                return new ResolvedPath(full, IsDevice: true);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                at = next;
                continue;
            }

            if (++links > MostLinks)
                throw new CommandException($"{path} cannot be written: its links lead nowhere");
            at = System.IO.Path.IsPathRooted(target) ? "/" : at;
            Push(names, target);
        }

        return new ResolvedPath(at, IsDevice: false);
    }

    // What lies in shared memory is a file like any other. The streams of a process are links to whatever they are.
    private static bool IsUnderDevices(string path) =>
        (path.StartsWith("/dev/", StringComparison.Ordinal) && path != "/dev/shm" && !path.StartsWith("/dev/shm/", StringComparison.Ordinal))
        || (path.StartsWith("/proc/", StringComparison.Ordinal) && path.Contains("/fd/", StringComparison.Ordinal));

    private static void Push(Stack<string> names, string path)
    {
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            names.Push(name);
    }
}

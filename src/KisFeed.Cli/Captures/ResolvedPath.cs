namespace KisFeed.Cli.Captures;

/// <summary>A path with all symbolic links resolved.</summary>
/// <param name="Path">The file itself; for a device, the path as given.</param>
/// <param name="IsDevice">Whether it is a device, or a stream of the process such as <c>/dev/stdout</c>, which is
/// written to and not replaced.</param>
internal sealed record ResolvedPath(string Path, bool IsDevice)
{
    private const int MaxLinks = 40;

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

            if (++links > MaxLinks)
            {
                throw new CommandException(UiText.Of(
                    $"{path} cannot be written: too many symbolic links",
                    $"{path} 파일에 쓸 수 없습니다. 심볼릭 링크가 너무 많습니다"));
            }
            at = System.IO.Path.IsPathRooted(target) ? "/" : at;
            Push(names, target);
        }

        return new ResolvedPath(at, IsDevice: false);
    }

    // Files in shared memory are ordinary files. The streams of a process are links to their targets.
    private static bool IsUnderDevices(string path) =>
        (path.StartsWith("/dev/", StringComparison.Ordinal)
            && path != "/dev/shm"
            && !path.StartsWith("/dev/shm/", StringComparison.Ordinal))
        || (path.StartsWith("/proc/", StringComparison.Ordinal) && path.Contains("/fd/", StringComparison.Ordinal));

    private static void Push(Stack<string> names, string path)
    {
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            names.Push(name);
    }
}

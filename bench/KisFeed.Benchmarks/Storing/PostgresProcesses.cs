using System.Globalization;

namespace KisFeed.Benchmarks.Storing;

/// <summary>The processes of a PostgreSQL server.</summary>
internal static class PostgresProcesses
{
    // Fields of /proc/PID/stat after the name of the program, from 0.
    private const int Parent = 1;
    private const int FirstTime = 11;
    private const int Times = 4;

    private const double TicksPerSecond = 100;

    /// <summary>The processor time of a server and of all its processes, also of those that have ended.</summary>
    public static TimeSpan ProcessorTime(int server)
    {
        var ticks = 0L;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var process)
                && TryReadStat(folder) is { } stat
                && (process == server || stat[Parent] == server))
            {
                ticks += stat.Skip(FirstTime).Take(Times).Sum();
            }
        }

        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }

    private static long[]? TryReadStat(string folder)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, "stat"));
            return [.. text[(text.LastIndexOf(')') + 2)..].Split(' ')
                .Select(field => long.TryParse(field, CultureInfo.InvariantCulture, out var number) ? number : 0)];
        }
        catch (IOException)
        {
            return null; // It has ended.
        }
    }
}

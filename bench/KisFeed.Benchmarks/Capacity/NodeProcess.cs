using System.Globalization;

namespace KisFeed.Benchmarks.Capacity;

/// <summary>The process of a node.</summary>
internal static class NodeProcess
{
    private const double TicksPerSecond = 100;
    private const int UserTime = 11; // The field of /proc/PID/stat after the name of the program, from 0; that of the system follows.

    /// <summary>Finds the process by the name of the node in its environment.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static int Find(string node)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var process))
                continue;
            try
            {
                if (File.ReadAllText(Path.Combine(folder, "comm")).StartsWith("beam", StringComparison.Ordinal)
                    && File.ReadAllText(Path.Combine(folder, "environ")).Contains($"RABBITMQ_NODENAME={node}\0", StringComparison.Ordinal))
                {
                    return process;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended, or belongs to another user.
            }
        }

        throw new InvalidOperationException($"the process of {node} was not found");
    }

    public static TimeSpan ProcessorTime(int process)
    {
        var text = File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/stat");
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds(
            (long.Parse(fields[UserTime], CultureInfo.InvariantCulture) + long.Parse(fields[UserTime + 1], CultureInfo.InvariantCulture))
            / TicksPerSecond);
    }

    public static long ResidentBytes(int process) =>
        long.Parse(
            File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/statm").Split(' ')[1], CultureInfo.InvariantCulture)
        * Environment.SystemPageSize;
}

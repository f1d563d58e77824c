using System.Diagnostics;
using System.Globalization;

namespace KisFeed.Benchmarks.Capacity;

/// <summary>The process of a node.</summary>
internal static class NodeProcess
{
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

    public static TimeSpan ProcessorTime(int id)
    {
        using var process = Process.GetProcessById(id);
        return process.TotalProcessorTime;
    }

    public static long ResidentBytes(int id)
    {
        using var process = Process.GetProcessById(id);
        return process.WorkingSet64;
    }
}

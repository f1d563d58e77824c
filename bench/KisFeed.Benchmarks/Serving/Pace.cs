using System.Diagnostics;
using System.Runtime.InteropServices;

namespace KisFeed.Benchmarks.Serving;

/// <summary>Evenly spaced moments: who comes late catches up.</summary>
internal sealed class Pace(int rate)
{
    private readonly long _begun = Stopwatch.GetTimestamp();
    private long _count;

    /// <summary>Waits for the next moment, without taking the processor from those who are measured.</summary>
    public void Wait()
    {
        _count++;
        while (TimeSpan.FromSeconds((double)_count / rate) - Stopwatch.GetElapsedTime(_begun) is var wait && wait > TimeSpan.Zero)
        {
            if (OperatingSystem.IsLinux())
                _ = SleepMicroseconds((uint)wait.TotalMicroseconds + 1);
            else
                Thread.Sleep(1);
        }
    }

    // Thread.Sleep knows whole milliseconds only.
    [DllImport("libc", EntryPoint = "usleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SleepMicroseconds(uint microseconds);
}

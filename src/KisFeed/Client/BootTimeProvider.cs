using System.Runtime.InteropServices;

namespace KisFeed.Client;

/// <summary>
/// A monotonic clock that continues while the machine is suspended. Of the clocks of Linux, that of <see cref="TimeProvider.System"/> stops
/// then; those of Windows do not. Timers are those of the system: after a suspend they are late, but the time says so.
/// </summary>
internal sealed partial class BootTimeProvider : TimeProvider
{
    private const int BootTime = 7;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private static readonly bool s_isSupported = OperatingSystem.IsLinux()
        && Environment.Is64BitProcess
        && ClockGetTime(BootTime, out _) == 0;

    private BootTimeProvider()
    {
    }

    public static BootTimeProvider Instance { get; } = new();

    public override long TimestampFrequency => s_isSupported ? NanosecondsPerSecond : base.TimestampFrequency;

    public override long GetTimestamp() =>
        s_isSupported && ClockGetTime(BootTime, out var time) == 0
            ? (time.Seconds * NanosecondsPerSecond) + time.Nanoseconds
            : base.GetTimestamp();

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    // The timespec of 64-bit systems.
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}

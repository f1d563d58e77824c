using KisFeed.Client;

namespace KisFeed.Tests.Client;

public sealed class BootTimeProviderTests
{
    [Fact]
    public void The_clock_has_counted_what_the_system_has_counted_since_its_start_and_any_suspend()
    {
        var time = BootTimeProvider.Instance;
        var system = TimeProvider.System.GetElapsedTime(0);
        var first = time.GetElapsedTime(0);
        var second = time.GetElapsedTime(0);

        first.ShouldBeGreaterThanOrEqualTo(system);
        second.ShouldBeGreaterThanOrEqualTo(first);
        if (!OperatingSystem.IsLinux())
            return;

        // The same clock in hundredths of a second, rounded down.
        var before = UpTime();
        var between = time.GetElapsedTime(0);
        var after = UpTime();
        between.ShouldBeInRange(before, after + TimeSpan.FromSeconds(0.01));

        static TimeSpan UpTime() => TimeSpan.FromSeconds(
            double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
    }
}

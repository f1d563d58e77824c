using KisFeed.Server.Http;

namespace KisFeed.Server.Tests.Http;

public sealed class DescriptorLimitTests
{
    [Theory]
    [InlineData(4_000, null, 4_000)]
    [InlineData(4_000, 65_536L, 4_000)]
    [InlineData(4_000, 4_350L, 4_000)]
    [InlineData(4_000, 4_096L, 3_746)]
    [InlineData(4_000, 1_024L, 674)]
    [InlineData(4_000, 256L, 16)]
    [InlineData(4, 256L, 4)]
    public void The_connection_limit_leaves_a_reserve_of_descriptors(int requested, long? limit, int expected) =>
        DescriptorLimit.Clamp(requested, limit).ShouldBe(expected);

    [Fact]
    public void The_limit_of_the_process_is_read()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var soft = File.ReadLines("/proc/self/limits").Single(
            line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        (DescriptorLimit.Current?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unlimited").ShouldBe(soft);
    }
}

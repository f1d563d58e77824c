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
    public void Connections_leave_a_reserve(int asked, long? limit, int expected) => DescriptorLimit.Clamp(asked, limit).ShouldBe(expected);

    [Fact]
    public void The_limit_is_the_one_of_the_process()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var soft = File.ReadLines("/proc/self/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        (DescriptorLimit.Current?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unlimited").ShouldBe(soft);
    }
}

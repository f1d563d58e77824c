using System.Globalization;
using System.Net;
using KisFeed.Gateway.Consumers;

namespace KisFeed.Gateway.Tests.Consumers;

public sealed class AuthenticationThrottleTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly AuthenticationThrottle _throttle;

    public AuthenticationThrottleTests() => _throttle = new AuthenticationThrottle(_time);

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2")]
    [InlineData("2001:db8::1", "2001:db8:0:1::1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.2")]
    [InlineData(null, "127.0.0.1")]
    public void Only_an_address_with_too_many_failures_is_throttled(string? address, string other)
    {
        CountRecordedFailures(address, AuthenticationThrottle.Burst).ShouldBe(AuthenticationThrottle.Burst);

        CountRecordedFailures(address).ShouldBe(0);
        CountRecordedFailures(other).ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(1));
        CountRecordedFailures(address, 2).ShouldBe(1);
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::ffff:0:0:1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    public void Addresses_of_one_network_count_as_one(string address, string same)
    {
        CountRecordedFailures(address, AuthenticationThrottle.Burst);
        CountRecordedFailures(same).ShouldBe(0);
    }

    [Fact]
    public void Too_many_failures_in_total_throttle_all_addresses_with_failures()
    {
        for (var i = 0; i < 1_000; i++)
            CountRecordedFailures(Numbered(i)).ShouldBe(1);

        CountRecordedFailures(Numbered(0)).ShouldBe(0);
        CountRecordedFailures("192.0.2.1", 2).ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(1));
        CountRecordedFailures(Numbered(0)).ShouldBe(1);
    }

    [Fact]
    public void Addresses_beyond_the_tracked_number_count_as_one_until_there_is_room()
    {
        for (var i = 0; i < AuthenticationThrottle.MaxAddresses; i++)
            CountRecordedFailures(Numbered(i));
        CountRecordedFailures("192.0.2.1", AuthenticationThrottle.Burst).ShouldBe(AuthenticationThrottle.Burst);
        CountRecordedFailures("192.0.2.2").ShouldBe(0);

        _time.Advance(TimeSpan.FromSeconds(30));

        CountRecordedFailures("192.0.2.3", AuthenticationThrottle.Burst + 1).ShouldBe(AuthenticationThrottle.Burst);
        CountRecordedFailures("192.0.2.2").ShouldBe(1);
    }

    private static string Numbered(int i) => string.Create(CultureInfo.InvariantCulture, $"10.0.{i / 250}.{i % 250}");

    // The number of attempts that were not throttled.
    private int CountRecordedFailures(string? address, int times = 1) =>
        Enumerable.Range(0, times).Count(_ => _throttle.TryRecordFailure(address is null ? null : IPAddress.Parse(address)));
}

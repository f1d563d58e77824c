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
    public void An_address_that_fails_too_often_is_told_to_wait_and_no_other_is(string? address, string other)
    {
        Fail(address, AuthenticationThrottle.Burst).ShouldBe(AuthenticationThrottle.Burst);

        Fail(address).ShouldBe(0);
        Fail(other).ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(1));
        Fail(address, 2).ShouldBe(1);
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::ffff:0:0:1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    public void Addresses_that_are_one_persons_count_as_one(string address, string same)
    {
        Fail(address, AuthenticationThrottle.Burst);
        Fail(same).ShouldBe(0);
    }

    [Fact]
    public void Too_many_failures_in_all_tell_those_to_wait_who_have_had_some()
    {
        for (var i = 0; i < 1_000; i++)
            Fail(Numbered(i)).ShouldBe(1);

        Fail(Numbered(0)).ShouldBe(0);
        Fail("192.0.2.1", 2).ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(1));
        Fail(Numbered(0)).ShouldBe(1);
    }

    [Fact]
    public void Addresses_beyond_those_that_are_told_apart_count_as_one_until_there_is_room()
    {
        for (var i = 0; i < AuthenticationThrottle.MaxAddresses; i++)
            Fail(Numbered(i));
        Fail("192.0.2.1", AuthenticationThrottle.Burst).ShouldBe(AuthenticationThrottle.Burst);
        Fail("192.0.2.2").ShouldBe(0);

        _time.Advance(TimeSpan.FromSeconds(30));

        Fail("192.0.2.3", AuthenticationThrottle.Burst + 1).ShouldBe(AuthenticationThrottle.Burst);
        Fail("192.0.2.2").ShouldBe(1);
    }

    private static string Numbered(int i) => string.Create(CultureInfo.InvariantCulture, $"10.0.{i / 250}.{i % 250}");

    // How many of them were not told to wait.
    private int Fail(string? address, int times = 1) => Enumerable.Range(0, times).Count(_ => _throttle.TryRecordFailure(address is null ? null : IPAddress.Parse(address)));
}

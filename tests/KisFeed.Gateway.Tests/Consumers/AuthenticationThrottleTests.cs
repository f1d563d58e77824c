using System.Globalization;
using System.Net;

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
    public void An_address_that_fails_too_often_is_turned_away_for_a_while_and_no_other_is(string? address, string other)
    {
        Fail(address, AuthenticationThrottle.Burst - 1);
        Admits(address).ShouldBeTrue();
        Fail(address);

        Admits(address).ShouldBeFalse();
        Admits(other).ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(1));
        Admits(address).ShouldBeTrue();
        Fail(address);
        Admits(address).ShouldBeFalse();
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::ffff:0:0:1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    public void Addresses_that_are_one_persons_count_as_one(string address, string same)
    {
        Fail(address, AuthenticationThrottle.Burst);
        Admits(same).ShouldBeFalse();
    }

    [Fact]
    public void Too_many_failures_in_all_turn_away_those_who_have_had_some()
    {
        for (var i = 0; i < 1_000; i++)
            Fail(Numbered(i));

        Admits(Numbered(0)).ShouldBeFalse();
        Admits("192.0.2.1").ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(1));
        Admits(Numbered(0)).ShouldBeTrue();
    }

    [Fact]
    public void Addresses_beyond_those_that_are_told_apart_count_as_one_until_there_is_room()
    {
        for (var i = 0; i < AuthenticationThrottle.MaxAddresses; i++)
            Fail(Numbered(i));
        Admits("192.0.2.1").ShouldBeTrue();
        Fail("192.0.2.1", AuthenticationThrottle.Burst);
        Admits("192.0.2.2").ShouldBeFalse();

        _time.Advance(TimeSpan.FromSeconds(2));

        Fail("192.0.2.3", AuthenticationThrottle.Burst);
        Admits("192.0.2.3").ShouldBeFalse();
        Admits("192.0.2.2").ShouldBeTrue();
    }

    private static string Numbered(int i) => string.Create(CultureInfo.InvariantCulture, $"10.0.{i / 250}.{i % 250}");

    private bool Admits(string? address) => _throttle.Admits(address is null ? null : IPAddress.Parse(address));

    private void Fail(string? address, int times = 1)
    {
        for (var i = 0; i < times; i++)
            _throttle.NoteFailure(address is null ? null : IPAddress.Parse(address));
    }
}

using KisFeed.Gateway.Consumers;

namespace KisFeed.Gateway.Tests.Consumers;

public sealed class ConsumerUsageTests
{
    private static readonly ConsumerLimits s_limits =
        new() { MaxConnections = 2, MaxRegistrations = 3, RequestsPerSecond = 1, RequestBurst = 4, MaxMessageBytes = 1024 };

    private readonly ManualTimeProvider _time = new();
    private readonly ConsumerUsage _usage;

    public ConsumerUsageTests() => _usage = new ConsumerUsage(s_limits, _time);

    [Fact]
    public void Connections_have_a_limit()
    {
        CountSuccessful(_usage.TryConnect).ShouldBe(2);
        _usage.Disconnect();
        CountSuccessful(_usage.TryConnect).ShouldBe(1);
        _usage.Connections.ShouldBe(2);
        _usage.RefusedBy(ConsumerLimit.Connections).ShouldBe(17);
        _usage.RefusedBy(ConsumerLimit.Registrations).ShouldBe(0);
    }

    [Fact]
    public void Registrations_have_a_limit()
    {
        CountSuccessful(_usage.TryRegister).ShouldBe(3);
        _usage.Release(2);
        _usage.Release(0);
        _usage.Registrations.ShouldBe(1);
        CountSuccessful(_usage.TryRegister).ShouldBe(2);
        _usage.RefusedBy(ConsumerLimit.Registrations).ShouldBe(15);
    }

    [Fact]
    public void Requests_have_a_limit()
    {
        CountSuccessful(_usage.TryRequest).ShouldBe(4);
        _time.Advance(TimeSpan.FromSeconds(2));
        CountSuccessful(_usage.TryRequest).ShouldBe(2);
        _usage.RefusedBy(ConsumerLimit.Requests).ShouldBe(14);
    }

    [Fact]
    public void Messages_have_a_limit()
    {
        _usage.TryRead(1024).ShouldBeTrue();
        _usage.TryRead(1025).ShouldBeFalse();
        _usage.TryRead(long.MaxValue).ShouldBeFalse();
        _usage.RefusedBy(ConsumerLimit.MessageBytes).ShouldBe(2);
    }

    [Fact]
    public void Releasing_without_acquiring_is_an_error()
    {
        _usage.TryRegister();

        Should.Throw<InvalidOperationException>(() => _usage.Release(2));
        Should.Throw<ArgumentOutOfRangeException>(() => _usage.Release(-1));
        Should.Throw<InvalidOperationException>(_usage.Disconnect);
        (_usage.Registrations, _usage.Connections).ShouldBe((1, 0));
    }

    [Fact]
    public async Task Concurrent_use_respects_the_limit_and_counts_every_refusal()
    {
        var usage = new ConsumerUsage(s_limits with { MaxConnections = 1000 }, _time);
        var passed = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => CountSuccessful(usage.TryConnect, 500))));

        passed.Sum().ShouldBe(1000);
        usage.Connections.ShouldBe(1000);
        usage.RefusedBy(ConsumerLimit.Connections).ShouldBe(1000);
    }

    [Fact]
    public void Limits_that_permit_nothing_are_refused()
    {
        ConsumerLimits.Default.Validate();
        s_limits.Validate();
        foreach (var (name, limits) in new[]
        {
            ("MaxConnections", s_limits with { MaxConnections = 0 }),
            ("MaxRegistrations", s_limits with { MaxRegistrations = -1 }),
            ("RequestsPerSecond", s_limits with { RequestsPerSecond = 0 }),
            ("RequestsPerSecond", s_limits with { RequestsPerSecond = double.NaN }),
            ("RequestsPerSecond", s_limits with { RequestsPerSecond = double.PositiveInfinity }),
            ("RequestBurst", s_limits with { RequestBurst = 0 }),
            ("MaxMessageBytes", s_limits with { MaxMessageBytes = 1023 }),
        })
        {
            Should.Throw<KisFeedConfigurationException>(limits.Validate).Message.ShouldStartWith($"ConsumerLimits.{name} must be");
        }
    }

    private static int CountSuccessful(Func<bool> attempt, int times = 10) => Enumerable.Range(0, times).Count(_ => attempt());
}

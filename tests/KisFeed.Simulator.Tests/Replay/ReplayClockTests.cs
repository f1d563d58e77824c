using KisFeed.Simulator.Replay;

namespace KisFeed.Simulator.Tests.Replay;

public sealed class ReplayClockTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(1, 60_000)]
    [InlineData(10, 6_000)]
    [InlineData(0.5, 120_000)]
    [InlineData(7, 8_572)]
    public void Capture_time_is_elapsed_time_multiplied_by_the_speed(double speed, int milliseconds)
    {
        var clock = new ReplayClock(speed, _time);
        clock.Start();
        clock.Until(TimeSpan.FromMinutes(1)).ShouldBe(TimeSpan.FromMilliseconds(milliseconds));

        _time.Advance(TimeSpan.FromMilliseconds(milliseconds - 1));
        clock.Until(TimeSpan.FromMinutes(1)).ShouldBe(TimeSpan.FromMilliseconds(1));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        clock.Until(TimeSpan.FromMinutes(1)).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void No_time_passes_while_stopped_and_none_is_lost_on_restart()
    {
        var clock = new ReplayClock(2, _time);
        clock.Until(TimeSpan.FromSeconds(10)).ShouldBe(TimeSpan.FromSeconds(5));
        clock.Start();
        _time.Advance(TimeSpan.FromSeconds(2));
        clock.Stop();
        _time.Advance(TimeSpan.FromHours(3));
        clock.Stop();
        clock.Until(TimeSpan.FromSeconds(10)).ShouldBe(TimeSpan.FromSeconds(3));

        clock.Start();
        clock.Start();
        _time.Advance(TimeSpan.FromSeconds(3));
        clock.Until(TimeSpan.FromSeconds(10)).ShouldBe(TimeSpan.Zero);
        clock.Rewind();
        clock.Until(TimeSpan.FromSeconds(10)).ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Waits_are_at_most_an_hour_and_zero_at_unlimited_speed()
    {
        new ReplayClock(0.001, _time).Until(TimeSpan.FromDays(3650)).ShouldBe(TimeSpan.FromHours(1));
        var clock = new ReplayClock(ReplaySpeed.Unlimited, _time);
        clock.Until(TimeSpan.FromDays(3650)).ShouldBe(TimeSpan.Zero);
        clock.Start();
        _time.Advance(TimeSpan.FromSeconds(1));
        clock.Stop();
        clock.Until(TimeSpan.FromDays(3650)).ShouldBe(TimeSpan.Zero);
    }
}

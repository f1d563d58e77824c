
namespace KisFeed.Simulator.Tests.Server;

public sealed class PaceTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(333)]
    [InlineData(1_000_000)]
    public void The_rate_is_kept_over_time(double rate)
    {
        var pace = new Pace(rate, _time);
        var total = 0L;
        for (var i = 0; i < 1000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            total += pace.GetDue();
        }

        total.ShouldBeInRange((long)(rate * 20) - 1, (long)(rate * 20));
    }

    [Fact]
    public void At_most_a_tenth_of_a_second_is_caught_up_after_a_pause()
    {
        var pace = new Pace(1000, _time);
        _time.Advance(TimeSpan.FromMinutes(1));
        pace.GetDue().ShouldBe(100);
        pace.GetDue().ShouldBe(0);
    }

    [Fact]
    public void A_slow_rate_is_not_affected_by_the_bound()
    {
        var pace = new Pace(0.5, _time);
        _time.Advance(TimeSpan.FromSeconds(1.9));
        pace.GetDue().ShouldBe(0);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        pace.GetDue().ShouldBe(1);
    }

    [Fact]
    public void A_restart_discards_elapsed_time()
    {
        var pace = new Pace(10, _time);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        pace.Restart(_time.GetTimestamp());
        pace.GetDue().ShouldBe(0);
    }
}

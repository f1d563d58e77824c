using KisFeed.Client;

namespace KisFeed.Tests.Client;

/// <summary>Times of receipt.</summary>
public sealed class ReceiveClockTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    private readonly ReceiveClock _clock = new(TimeProvider.System);

    [Fact]
    public void The_frames_of_one_read_have_increasing_times() =>
        Enumerable.Range(0, 3).Select(_ => _clock.Stamp(s_start).Ticks - s_start.Ticks).ShouldBe([0, 1, 2]);

    [Fact]
    public void A_clock_that_goes_back_a_little_repeats_no_time()
    {
        _clock.Stamp(s_start);

        _clock.Stamp(s_start.AddMilliseconds(-900)).ShouldBe(s_start.AddTicks(1));
        _clock.Stamp(s_start.AddSeconds(1)).ShouldBe(s_start.AddSeconds(1));
    }

    [Fact]
    public void A_clock_that_was_set_back_is_followed()
    {
        _clock.Stamp(s_start);
        var earlier = s_start.AddMinutes(-5);

        _clock.Stamp(earlier).ShouldBe(earlier);
        _clock.Stamp(earlier).ShouldBe(earlier.AddTicks(1));
    }

    [Fact]
    public void A_frame_after_an_event_has_no_earlier_time_even_if_it_was_read_before()
    {
        var readAt = _clock.ReadAt;
        var eventAt = _clock.EventAt();

        _clock.Stamp(readAt).ShouldBeGreaterThanOrEqualTo(eventAt);
    }
}

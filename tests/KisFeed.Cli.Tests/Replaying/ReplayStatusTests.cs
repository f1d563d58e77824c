using KisFeed.Cli.Replaying;

namespace KisFeed.Cli.Tests.Replaying;

public sealed class ReplayStatusTests
{
    [Fact]
    public void The_status_has_the_capture_time_the_sent_frames_and_the_speed()
    {
        var time = new ManualTimeProvider();
        (DateTimeOffset?, long) now = (null, 0);
        var status = new ReplayStatus(time, () => now);
        status.Next().ShouldBe("waiting for registrations");

        now = (new DateTimeOffset(2026, 11, 20, 0, 0, 1, TimeSpan.Zero), 3_000);
        time.Advance(TimeSpan.FromSeconds(2));
        status.Next().ShouldBe("at 2026-11-20 09:00:01, 3,000 frames sent, 1,500 per second");
        time.Advance(TimeSpan.FromSeconds(4));
        status.Next().ShouldBe("at 2026-11-20 09:00:01, 3,000 frames sent, 0 per second");
    }
}

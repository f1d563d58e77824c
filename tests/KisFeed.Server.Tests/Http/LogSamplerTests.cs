using KisFeed.Server.Protocol;

namespace KisFeed.Server.Tests.Http;

public sealed class LogSamplerTests
{
    [Fact]
    public void A_few_lines_are_logged_and_the_others_counted()
    {
        var time = new ManualTimeProvider();
        var sampler = new LogSampler(time);

        Take(25).ShouldBe((10, 0));
        time.Advance(TimeSpan.FromMinutes(1));
        Take(3).ShouldBe((3, 15));
        time.Advance(TimeSpan.FromMinutes(1));
        Take(11).ShouldBe((10, 0));

        (int Logged, long Skipped) Take(int lines)
        {
            var (logged, skipped) = (0, 0L);
            for (var i = 0; i < lines; i++)
            {
                if (!sampler.TrySample(out var left))
                    continue;
                logged++;
                skipped += left;
            }

            return (logged, skipped);
        }
    }
}

using KisFeed.Capture.Export;

namespace KisFeed.Capture.Tests.Export;

public sealed class FrameNumbersTests
{
    private readonly FrameNumbers _numbers = new();

    [Fact]
    public void Frames_within_the_same_microsecond_are_numbered()
    {
        int[] numbers = [.. ((long[])[0, 0, 19, 38, 58, 58, 1_000]).Select(ticks => NumberAt(ticks))];

        numbers.ShouldBe([1, 2, 3, 4, 1, 2, 1]);
    }

    [Fact]
    public void A_clock_that_is_set_back_never_repeats_a_number()
    {
        var frames = ((long[])[0, 1_000, 2_000, 500, 1_000, 1_000, 2_000, 2_019, 2_020]).Select(ticks => (ticks / 10, NumberAt(ticks)))
            .ToArray();

        frames.ShouldBeUnique();
        frames[^1].Item2.ShouldNotBe(1);
        NumberAt(3_000).ShouldBe(1);
    }

    [Fact]
    public void Each_feed_is_numbered_separately()
    {
        NumberAt(0).ShouldBe(1);
        NumberAt(0, "H0BJCNT0").ShouldBe(1);
        NumberAt(0).ShouldBe(2);
        NumberAt(0, null).ShouldBe(1);
    }

    private int NumberAt(long ticks, string? trId = "H0UPCNT0")
    {
        _numbers.Next(trId, Ticks.Opening.AddTicks(ticks));
        return _numbers.Current;
    }
}

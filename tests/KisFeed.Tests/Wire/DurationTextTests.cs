namespace KisFeed.Tests.Wire;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("10s", 10)]
    [InlineData("1.5m", 90)]
    [InlineData("2H", 7200)]
    [InlineData("20MS", 0.02)]
    [InlineData("40m", 2400)]
    [InlineData("960h", 3_456_000)]
    public void A_number_with_a_unit_is_a_duration(string text, double seconds)
    {
        DurationText.TryParseTimer(text, out var duration).ShouldBeTrue();
        duration.ShouldBe(TimeSpan.FromSeconds(seconds));
        DurationText.Parse(text).ShouldBe(duration);
        DurationText.Parse(DurationText.Format(duration)).ShouldBe(duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1,5s")]
    [InlineData("1d")]
    [InlineData("1 s")]
    [InlineData("1e9h")]
    [InlineData("NaNs")]
    [InlineData("99999999999999999999999999h")]
    public void Anything_else_is_not_a_duration(string text)
    {
        DurationText.TryParseTimer(text, out var duration).ShouldBeFalse();
        duration.ShouldBe(TimeSpan.Zero);
        DurationText.Parse(text).ShouldBeNull();
    }

    [Theory]
    [InlineData("0s")]
    [InlineData("961h")]
    public void A_timer_is_above_zero_and_at_most_40_days(string text)
    {
        DurationText.TryParseTimer(text, out _).ShouldBeFalse();
        DurationText.Parse(text).ShouldNotBeNull();
    }

    [Fact]
    public void The_problem_contains_the_text_and_the_expected_format() =>
        DurationText.ProblemOf("x").ShouldBe("'x' is not a valid duration. Use a number and a unit, e.g. 500ms or 10s");
}

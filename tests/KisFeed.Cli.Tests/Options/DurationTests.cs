using KisFeed.Cli.Options;

namespace KisFeed.Cli.Tests.Options;

public sealed class DurationTests
{
    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("10s", 10)]
    [InlineData("1.5m", 90)]
    [InlineData("2H", 7200)]
    [InlineData("40m", 2400)]
    [InlineData("960h", 3_456_000)]
    public void A_number_with_a_unit_is_a_duration(string text, double seconds)
    {
        Duration.TryParse(text, out var duration).ShouldBeTrue();
        duration.ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("s")]
    [InlineData("0s")]
    [InlineData("-1s")]
    [InlineData("1,5s")]
    [InlineData("1d")]
    [InlineData("961h")]
    [InlineData("1e9h")]
    [InlineData("NaNs")]
    [InlineData("99999999999999999999999999h")]
    public void Other_texts_are_not_durations(string text) => Duration.TryParse(text, out _).ShouldBeFalse();
}

namespace KisFeed.Tests;

public sealed class HistoryStartTests
{
    [Theory]
    [InlineData("09:00", "09:00:00")]
    [InlineData("09:00:30.5", "09:00:30.5")]
    [InlineData("2026-11-20", "2026-11-19T15:00:00.0000000Z")]
    [InlineData("2026-11-20T09:00", "2026-11-20T00:00:00.0000000Z")]
    [InlineData("2026-11-20T09:00:00.1234567+09:00", "2026-11-20T00:00:00.1234567Z")]
    [InlineData("-15m", "-900s")]
    [InlineData("-1.5s", "-1500ms")]
    [InlineData("98e490ff7dda-3-8de2a90f1c3b2a8.1", "98e490ff7dda-3-8de2a90f1c3b2a8.1")]
    public void Each_form_is_read_and_written_as_the_gateway_reads_it(string text, string expected)
    {
        HistoryStart.TryParse(text, out var start).ShouldBeTrue();

        start!.ToString().ShouldBe(expected);
        HistoryStart.TryParse(start.ToString(), out var again).ShouldBeTrue();
        again.ShouldBe(start);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("25:00")]
    [InlineData("-15")]
    [InlineData("15m")]
    [InlineData("--15m")]
    [InlineData("2026-11-20T")]
    [InlineData("98e490ff7dda-3")]
    [InlineData("98e490ff7dda-3-8de2a90f1c3b2a8")]
    [InlineData("98e490ff7dda-x-8de2a90f1c3b2a8.1")]
    [InlineData("98e490ff7dda-3-8de2a90f1c3b2a8.1&names=kis")]
    public void Other_texts_are_refused(string? text) => HistoryStart.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void An_id_or_a_duration_that_is_not_one_is_refused()
    {
        Should.Throw<ArgumentException>(() => HistoryStart.After("09:00"));
        Should.Throw<ArgumentOutOfRangeException>(() => HistoryStart.Ago(TimeSpan.FromSeconds(-1)));
    }
}

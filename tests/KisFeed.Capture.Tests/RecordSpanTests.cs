namespace KisFeed.Capture.Tests;

public sealed class RecordSpanTests
{
    [Theory]
    [InlineData("09:00", null, "2026-11-20T08:00", "2026-11-20T08:59", false)]
    [InlineData("09:00", null, "2026-11-20T08:00", "2026-11-20T09:00", true)]
    [InlineData("09:00", "09:05", "2026-11-20T08:00", "2026-11-20T15:00", true)]
    [InlineData("09:00", "09:05", "2026-11-20T09:05", "2026-11-21T08:59", false)]
    [InlineData("09:00", "09:05", "2026-11-20T09:05", "2026-11-21T15:00", true)]
    [InlineData(null, "09:05", "2026-11-20T10:00", "2026-11-20T15:00", false)]
    [InlineData(null, "09:05", "2026-11-20T10:00", "2026-11-21T10:00", true)]
    [InlineData("2026-11-20T09:00", "2026-11-20T10:00", "2026-11-18T09:00", "2026-11-23T09:00", true)]
    [InlineData("2026-11-20T09:00", "2026-11-20T10:00", "2026-11-20T10:00", "2026-11-23T09:00", false)]
    [InlineData("2026-11-20T12:00", "09:05", "2026-11-19T09:05", "2026-11-20T15:00", false)]
    [InlineData("2026-11-20T12:00", "09:05", "2026-11-19T09:05", "2026-11-21T15:00", true)]
    public void Spans_that_share_a_time_overlap(string? from, string? to, string first, string last, bool expected)
    {
        var span = new RecordSpan { From = Time(from), To = Time(to) };
        span.Overlaps(Instant(first), Instant(last)).ShouldBe(expected);
    }

    [Theory]
    [InlineData("09:00", "09:05")]
    [InlineData(null, "09:05")]
    [InlineData("2026-11-20T09:00", null)]
    public void Spans_without_a_start_or_end_overlap(string? from, string? to)
    {
        var span = new RecordSpan { From = Time(from), To = Time(to) };
        span.Overlaps(DateTimeOffset.MinValue, Instant("2026-11-20T12:00")).ShouldBeTrue();
        span.Overlaps(Instant("2026-11-20T12:00"), DateTimeOffset.MaxValue).ShouldBeTrue();
        Should.NotThrow(() => span.Overlaps(DateTimeOffset.MaxValue, DateTimeOffset.MaxValue));
        Should.NotThrow(() => span.Overlaps(DateTimeOffset.MinValue, DateTimeOffset.MinValue));
    }

    private static CaptureTime? Time(string? text) =>
        text is null ? null : CaptureTime.TryParse(text, out var time) ? time : throw new FormatException(text);

    private static DateTimeOffset Instant(string text) => Time(text)!.Value.Instant!.Value;
}

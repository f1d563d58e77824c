using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Tests.Wire;

public sealed class KoreaTimeTests
{
    [Theory]
    [InlineData("2026-11-20T00:30:00Z", "09:29:59", "2026-11-20T09:29:59+09:00")]
    [InlineData("2026-11-20T15:00:01Z", "23:59:59", "2026-11-20T23:59:59+09:00")] // received at 00:00:01 of the 21st
    [InlineData("2026-11-20T14:59:59Z", "00:00:01", "2026-11-21T00:00:01+09:00")] // received before midnight, by a slow clock
    [InlineData("2026-11-20T03:00:00+02:00", "10:00:00", "2026-11-20T10:00:00+09:00")]
    [InlineData("2026-12-31T15:00:00Z", "23:59:59", "2026-12-31T23:59:59+09:00")]
    [InlineData("2026-11-20T03:00:00Z", "00:00:00", "2026-11-20T00:00:00+09:00")] // twelve hours exactly
    public void At_SelectsTheNearestDay(string receivedAt, string time, string expected)
    {
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        var at = KoreaTime.At(TimeOnly.Parse(time, culture), DateTimeOffset.Parse(receivedAt, culture));

        at.ShouldBe(DateTimeOffset.Parse(expected, culture));
        at.Offset.ShouldBe(TimeSpan.FromHours(9));
    }

    [Fact]
    public void At_WorksAtTheEndsOfTheCalendar()
    {
        foreach (var receivedAt in new[] { DateTimeOffset.MinValue, DateTimeOffset.MinValue.AddHours(20), DateTimeOffset.MaxValue.AddHours(-20), DateTimeOffset.MaxValue })
        {
            foreach (var time in new[] { TimeOnly.MinValue, new TimeOnly(12, 0), TimeOnly.MaxValue })
                (KoreaTime.At(time, receivedAt) - receivedAt).Duration().ShouldBeLessThan(TimeSpan.FromHours(24));
        }
    }

    [Fact]
    public void ARecordWithoutAReceiveTime_CanBePrinted()
    {
        var trade = new IndexTrade { Code = "0001", Time = new TimeOnly(8, 0) };

        trade.ToString().ShouldContain("Code = 0001");
        trade.Timestamp.ShouldBeNull();
    }
}

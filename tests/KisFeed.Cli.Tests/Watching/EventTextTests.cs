using KisFeed.Cli.Watching;

namespace KisFeed.Cli.Tests.Watching;

public sealed class EventTextTests
{
    public static TheoryData<GapReason> Reasons => [.. Enum.GetValues<GapReason>()];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Every_gap_reason_has_a_text(GapReason reason)
    {
        var text = EventText.Of(new WatchTarget(IndexTrade.Feed.Schema, "0001"), new Gap { Reason = reason });
        text.ShouldStartWith("H0UPCNT0 0001: data may be missing: ");
        text.ShouldNotContain(reason.ToString());
    }

    [Theory]
    [InlineData(0, "(0.0 s)")]
    [InlineData(12.34, "(12.3 s)")]
    [InlineData(59.9, "(59.9 s)")]
    [InlineData(61, "(1 min 1 s)")]
    [InlineData(3_599, "(59 min 59 s)")]
    [InlineData(90_061, "(25 h 1 min)")]
    [InlineData(-5, "(0.0 s)")]
    public void A_gap_has_its_length_and_its_times_in_Korean_time(double seconds, string duration)
    {
        var text = Of(
            new Gap { Reason = GapReason.ConnectionLost, From = Samples.ReceivedAt, To = Samples.ReceivedAt.AddSeconds(seconds) });
        text.ShouldStartWith("H0UPCNT0 0001: data may be missing from 09:12:41.000 to ");
        text.ShouldEndWith($" {duration}: the connection was lost");
    }

    [Fact]
    public void A_gap_with_one_unknown_end_is_described()
    {
        Of(new Gap { Reason = GapReason.Silence, From = Samples.ReceivedAt })
            .ShouldStartWith("H0UPCNT0 0001: data may be missing since 09:12:41.000: ");
        Of(new Gap { Reason = GapReason.Silence, To = Samples.ReceivedAt })
            .ShouldStartWith("H0UPCNT0 0001: data may be missing until 09:12:41.000: ");
    }

    [Fact]
    public void Dropped_frames_are_the_only_loss_unless_there_was_another_cause()
    {
        Of(new Gap { Reason = GapReason.QueueOverflow, Frames = 1_234 }).ShouldStartWith("H0UPCNT0 0001: 1,234 frames are missing: ");
        Of(new Gap { Reason = GapReason.ConnectionLost, Frames = 1_234 })
            .ShouldStartWith("H0UPCNT0 0001: 1,234 frames and perhaps more are missing: ");
    }

    [Theory]
    [InlineData("program:005930", 12_345L, "; 12,345 shares missed")]
    [InlineData("index:0001", 12_345L, "; 12,345 × 1,000 shares missed")]
    [InlineData("bond:KR103502GA34", 1L, "; 1 × 1,000 KRW face missed")]
    [InlineData("index:0001", 0L, "; no volume was missed")]
    [InlineData("index:0001", null, ": the connection was lost")]
    [InlineData("notice:MYHTSID", null, ": the connection was lost")]
    public void The_missed_volume_is_printed_in_the_unit_of_the_feed(string name, long? missed, string end)
    {
        var parts = name.Split(':');
        KisFeeds.Catalog.TryFind(parts[0], out var feed).ShouldBeTrue();
        EventText.Of(new WatchTarget(feed, parts[1]), new Gap { Reason = GapReason.ConnectionLost, MissedVolume = missed })
            .ShouldEndWith(end);
    }

    private static string Of(Gap gap) => EventText.Of(new WatchTarget(IndexTrade.Feed.Schema, "0001"), gap)!;
}

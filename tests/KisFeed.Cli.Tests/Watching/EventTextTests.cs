using KisFeed.Cli.Options;
using KisFeed.Cli.Tests.Running;
using KisFeed.Cli.Watching;
using KisFeed.Feeds;

namespace KisFeed.Cli.Tests.Watching;

public sealed class EventTextTests
{
    public static TheoryData<GapReason> Reasons => [.. Enum.GetValues<GapReason>()];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Every_reason_of_a_gap_is_said_in_words(GapReason reason)
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
    public void How_long_a_gap_is_and_when_is_said_in_Korea_time(double seconds, string duration)
    {
        var text = Of(new Gap { Reason = GapReason.ConnectionLost, From = Samples.ReceivedAt, To = Samples.ReceivedAt.AddSeconds(seconds) });
        text.ShouldStartWith("H0UPCNT0 0001: data may be missing from 09:12:41.000 to ");
        text.ShouldEndWith($" {duration}: the connection was lost");
    }

    [Fact]
    public void A_gap_that_is_open_on_one_side_says_so()
    {
        Of(new Gap { Reason = GapReason.Silence, From = Samples.ReceivedAt }).ShouldStartWith("H0UPCNT0 0001: data may be missing since 09:12:41.000: ");
        Of(new Gap { Reason = GapReason.Silence, To = Samples.ReceivedAt }).ShouldStartWith("H0UPCNT0 0001: data may be missing until 09:12:41.000: ");
    }

    [Fact]
    public void Dropped_frames_are_all_that_is_missing_only_where_nothing_else_happened()
    {
        Of(new Gap { Reason = GapReason.QueueOverflow, Frames = 1_234 }).ShouldStartWith("H0UPCNT0 0001: 1,234 frames are missing: ");
        Of(new Gap { Reason = GapReason.ConnectionLost, Frames = 1_234 }).ShouldStartWith("H0UPCNT0 0001: 1,234 frames and perhaps more are missing: ");
    }

    [Theory]
    [InlineData("program:005930", 12_345L, "; 12,345 shares missed")]
    [InlineData("index:0001", 12_345L, "; 12,345 × 1,000 shares missed")]
    [InlineData("bond:KR103502GA34", 1L, "; 1 × 1,000 KRW face missed")]
    [InlineData("index:0001", 0L, "; no volume was missed")]
    [InlineData("index:0001", null, ": the connection was lost")]
    [InlineData("notice:MYHTSID", null, ": the connection was lost")]
    public void How_much_passed_unseen_is_said_in_the_unit_of_the_feed(string name, long? missed, string end)
    {
        var parts = name.Split(':');
        KisFeeds.Catalog.TryFind(parts[0], out var feed).ShouldBeTrue();
        EventText.Of(new WatchTarget(feed, parts[1]), new Gap { Reason = GapReason.ConnectionLost, MissedVolume = missed }).ShouldEndWith(end);
    }

    private static string Of(Gap gap) => EventText.Of(new WatchTarget(IndexTrade.Feed.Schema, "0001"), gap);
}

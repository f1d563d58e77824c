using KisFeed.Cli.Options;
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
}

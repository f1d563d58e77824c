using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Tests.Wire;

public sealed class UnsupportedFeedsTests
{
    [Fact]
    public void No_feed_is_both_supported_and_unsupported() =>
        UnsupportedFeeds.TrIds.Intersect(KisFeeds.Catalog.Feeds.Select(feed => feed.TrId), StringComparer.OrdinalIgnoreCase).ShouldBeEmpty();

    [Theory]
    [InlineData("H0STCNT0", "H0STCNT0 (국내주식 실시간체결가 (KRX)) is a feed of the broker that KisFeed does not support yet")]
    [InlineData("h0gscni9", "H0GSCNI9 (해외주식 실시간체결통보) is a feed of the broker that KisFeed does not support yet")]
    [InlineData("H0XXXXX0", "'H0XXXXX0' is not a feed")]
    public void An_unknown_name_is_explained(string name, string expected) => FeedCatalog.DescribeUnknown(name).ShouldBe(expected);

    [Fact]
    public void The_text_of_a_catalog_lists_its_feeds() => KisFeeds.Catalog.ToString().ShouldContain("index (H0UPCNT0), ");
}

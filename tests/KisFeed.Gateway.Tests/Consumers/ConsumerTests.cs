using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;

namespace KisFeed.Gateway.Tests.Consumers;

public sealed class ConsumerTests
{
    [Fact]
    public void A_consumer_without_a_feed_list_may_register_all_feeds_except_order_notices()
    {
        var consumer = TokenFolder.NewConsumer("a");

        foreach (var feed in KisFeeds.Catalog.Feeds)
            consumer.MayRegister(feed).ShouldBe(!feed.IsNotice, feed.TrId);
    }

    [Fact]
    public void A_consumer_with_a_feed_list_may_register_only_those_feeds()
    {
        var consumer = TokenFolder.NewConsumer("a", feeds: ["H0UPCNT0", "h0bjcnt0"]);

        KisFeeds.Catalog.Feeds.Where(consumer.MayRegister).Select(f => f.TrId).ShouldBe(["H0UPCNT0", "H0BJCNT0"], ignoreOrder: true);
        TokenFolder.NewConsumer("a", feeds: []).MayRegister(IndexTrade.Feed.Schema).ShouldBeFalse();
    }

    [Fact]
    public void The_right_to_order_notices_is_separate()
    {
        TokenFolder.NewConsumer("a", feeds: [OrderNotice.Feed.TrId]).MayRegister(OrderNotice.Feed.Schema).ShouldBeFalse();
        var consumer = TokenFolder.NewConsumer("a", feeds: [], notices: true);

        KisFeeds.Catalog.Feeds.Where(consumer.MayRegister).ShouldBe(KisFeeds.Catalog.Feeds.Where(f => f.IsNotice));
        KisFeeds.Catalog.Feeds.Where(consumer.MayRegister).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("Backtest-2.nightly_7", true)]
    [InlineData("7", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("-a", false)]
    [InlineData("_a", false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("a\n", false)]
    [InlineData("é", false)]
    [InlineData("\u001b[31m", false)]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234", true)]
    [InlineData("a2345678901234567890123456789012345678901234567890123456789012345", false)]
    public void Names_have_at_most_64_plain_characters(string name, bool isValid) => ConsumerName.IsValid(name).ShouldBe(isValid);
}

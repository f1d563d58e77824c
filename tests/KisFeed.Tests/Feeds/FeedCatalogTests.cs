namespace KisFeed.Tests.Feeds;

/// <summary>Feeds of a program's own record types join the catalog.</summary>
public sealed class FeedCatalogTests
{
    private static readonly FeedSchema s_own = IndexTrade.Feed.Schema with
    {
        TrId = "H0MINE00",
        MockTrId = "H0MINE09",
        Alias = "mine",
        RecordName = "MyTrade",
    };

    [Fact]
    public void A_feed_of_ones_own_is_after_the_others_and_under_the_TR_ID_of_each_service()
    {
        var catalog = KisFeeds.Catalog.With(s_own);

        catalog.Feeds[..^2].ShouldBe(KisFeeds.Catalog.Feeds);
        catalog.Feeds[^2].ShouldBeSameAs(s_own);
        catalog.TryFind("mine-mock", out var mock).ShouldBeTrue();
        (mock!.TrId, mock.IsMockOnly).ShouldBe(("H0MINE09", true));
        FeedAvailability.Find(catalog, s_own, KisEnvironment.Mock).ShouldBeSameAs(mock);
        FeedAvailability.Find(catalog, s_own, KisEnvironment.Production).ShouldBeSameAs(s_own);
    }

    [Fact]
    public void A_second_feed_with_the_same_TR_ID_is_refused() =>
        Should.Throw<ArgumentException>(() => KisFeeds.Catalog.With(s_own with { TrId = "h0upcnt0" })).Message
            .ShouldStartWith("two feeds have the TR ID h0upcnt0: IndexTrade and MyTrade. Leave one of them out.");

    [Fact]
    public void A_feed_that_is_not_in_the_catalog_is_refused_with_the_remedy() =>
        Should.Throw<FeedNotAvailableException>(() => FeedAvailability.Find(KisFeeds.Catalog, s_own, KisEnvironment.Production)).Message
            .ShouldContain("KisFeedOptions.Catalog: KisFeeds.Catalog.With(MyTrade.Feed.Schema)");

    /// <summary>Its decoder would read the columns of the other type.</summary>
    [Fact]
    public void A_record_type_with_other_columns_than_the_catalogs_feed_is_refused() =>
        Should.Throw<FeedNotAvailableException>(() => FeedAvailability.Find(
                KisFeeds.Catalog, BondTrade.Feed.Schema with { TrId = IndexTrade.Feed.TrId }, KisEnvironment.Simulator)).Message
            .ShouldContain("those of IndexTrade, not of BondTrade");
}

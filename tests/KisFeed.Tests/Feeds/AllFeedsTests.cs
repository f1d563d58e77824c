using FsCheck;
using FsCheck.Fluent;

namespace KisFeed.Tests.Feeds;

/// <summary>Every feed, compared with the broker's documents, with its published frames, and with generated ones.</summary>
public sealed class AllFeedsTests
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(40);

    public static TheoryData<string> TrIds => [.. KisFeeds.Catalog.Feeds.Select(f => f.TrId)];

    public static TheoryData<string> PublishedTrIds => [.. PublishedLayouts.All.Select(l => l.TrId)];

    public static TheoryData<int> PublishedFrames => [.. Enumerable.Range(0, Samples.All.Count)];

    // All but the frames of an older layout that later ones do not begin with.
    public static TheoryData<int> ExtendablePublishedFrames =>
        [.. Enumerable.Range(0, Samples.All.Count).Where(i => !Samples.All[i].StartsWith("0|H0STCNI0|", StringComparison.Ordinal))];

    [Fact]
    public void Every_published_feed_has_a_record_type() =>
        KisFeeds.Catalog.Feeds.Select(f => f.TrId).ShouldBe(PublishedLayouts.All.Select(l => l.TrId).Append("H0IFCNI9"), ignoreOrder: true);

    [Theory]
    [MemberData(nameof(PublishedTrIds))]
    public void A_layout_has_the_elements_of_the_document_in_its_order(string trId)
    {
        var published = PublishedLayouts.All.Single(l => l.TrId == trId).Columns;
        var feed = Feed(trId);
        var layout = feed.Layouts.SingleOrDefault(l => l.Width == published.Count)
            .ShouldNotBeNull($"no layout of {published.Count} columns");

        layout.WireColumns(feed.Columns).Select(c => c.Element).ShouldBe(published.Select(c => c.Element));
    }

    [Theory]
    [MemberData(nameof(TrIds))]
    public void Feeds_are_described(string trId)
    {
        var feed = Feed(trId);

        feed.Alias.ShouldMatch("^[a-z]+(-[a-z]+)*$");
        feed.Korean.ShouldNotBeEmpty();
        feed.Market.ShouldNotBe(FeedMarket.Other);
        feed.KeyMeaning.ShouldNotBeEmpty();
        feed.KeyExample.ShouldMatch(feed.KeyForm.Length == 0 ? "." : $"^(?:{feed.KeyForm})$");
        feed.IsNotice.ShouldBe(feed.Market == FeedMarket.Notices);
        feed.TimeColumn.ShouldBeGreaterThanOrEqualTo(
            trId is "H0STNAV0" or "HDFFF1C0" or "HDFFF2C0"
            || trId.EndsWith("MKO0", StringComparison.Ordinal)
            || trId.EndsWith("MBC0", StringComparison.Ordinal)
                ? -1
                : 0);
    }

    [Fact]
    public void Aliases_are_unique() => KisFeeds.Catalog.Feeds.Select(f => f.Alias).ShouldBeUnique(StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(TrIds))]
    public void Column_names_are_unique(string trId)
    {
        var feed = Feed(trId);

        feed.Columns.Select(c => c.JsonName).ShouldBeUnique(StringComparer.OrdinalIgnoreCase);
        feed.Columns.Select(c => c.Element).ShouldBeUnique(StringComparer.OrdinalIgnoreCase);
    }

    [Theory]
    [MemberData(nameof(PublishedFrames))]
    public void A_published_frame_decodes_and_encodes_to_the_same_text(int sample)
    {
        var frame = Samples.All[sample];

        RecordTypes.Of(Feed(frame.Split('|')[1])).Encode(frame).ShouldBe(frame);
    }

    [Theory]
    [MemberData(nameof(ExtendablePublishedFrames))]
    public void Columns_appended_to_each_of_several_records_are_kept(int sample)
    {
        var parts = Samples.All[sample].Split('|', 4);
        var feed = Feed(parts[1]);
        var records = SplitRecords(parts[3], int.Parse(parts[2], CultureInfo.InvariantCulture));
        var widest = feed.Layouts[^1].Width;
        var width = records[0].Split('^').Length;
        var appended = string.Concat(Enumerable.Repeat("^", Math.Max(0, widest - width))) + "^새 값^2";
        var frame = $"0|{parts[1]}|003|{string.Join('^', Enumerable.Repeat(records[0] + appended, 3))}";

        RecordTypes.Of(feed).Encode(frame).ShouldBe(frame);
    }

    [Theory]
    [MemberData(nameof(TrIds))]
    public void Generated_frames_of_every_layout_round_trip(string trId)
    {
        var feed = Feed(trId);
        var records = RecordTypes.Of(feed);
        foreach (var layout in feed.Layouts)
        {
            Check.One(
                s_config, Prop.ForAll(FieldGenerator.Frames(feed, layout).ToArbitrary(), frame => records.Encode(frame).ShouldBe(frame)));
        }
    }

    [Theory]
    [MemberData(nameof(TrIds))]
    public void Columns_are_listed_in_the_order_of_the_widest_layout(string trId)
    {
        var feed = Feed(trId);
        var positions = feed.PresentColumns.Select(feed.Layouts[^1].PositionOf).Where(position => position >= 0).ToList();

        positions.ShouldBe(positions.Order());
    }

    [Theory]
    [MemberData(nameof(TrIds))]
    public void A_feed_of_expected_trades_has_no_volumes(string trId)
    {
        var feed = Feed(trId);

        feed.IsExpected.ShouldBe(feed.Korean.Contains("예상체결", StringComparison.Ordinal));
        if (feed.IsExpected)
        {
            feed.Columns.Select(c => c.Role).Distinct()
                .ShouldBeSubsetOf([ColumnRole.None, ColumnRole.Price, ColumnRole.Time, ColumnRole.Date]);
        }
    }

    [Fact]
    public void A_stock_notice_of_26_columns_with_zero_prices_encodes_to_the_same_text()
    {
        const string Notice = "0|H0STCNI0|001|HTS "
            + "ID^1234567801^0000002891^^02^0^00^0^136480^0000000001^000000000^094941^0^1^1^06010^000000001^위탁계좌^000000000^1^Y^^10^"
            + "^하림^000000000";

        RecordTypes.Of(Feed("H0STCNI0")).Encode(Notice).ShouldBe(Notice);
    }

    [Fact]
    public void Columns_of_one_element_have_one_English_name()
    {
        var names = KisFeeds.Catalog.Feeds
            .SelectMany(f => f.Columns.Where(c => c.Group is null).Select(c => (Element: c.Element.ToUpperInvariant(), c.Name)))
            .Distinct()
            .GroupBy(c => c.Element, StringComparer.Ordinal)
            .Where(g => g.Count() > 1)
            .Select(g => $"{g.Key}: {string.Join(", ", g.Select(c => c.Name).Order(StringComparer.Ordinal))}");

        // The same element has another meaning in these feeds.
        names.ShouldBe(
            [
                "CNTG_ISNM: InstrumentName, ShortName",
                "ODER_COND: MarketCode, OrderCondition",
                // what caused a notice of futures and options; an order type in the published frame of overseas stocks
                "ODER_KIND2: OrderType, Source",
            ],
            ignoreOrder: true);
    }

    private static FeedSchema Feed(string trId)
    {
        KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue(trId);
        return feed;
    }

    private static string[] SplitRecords(string payload, int count)
    {
        var fields = payload.Split('^');
        return [.. fields.Chunk(fields.Length / count).Select(chunk => string.Join('^', chunk))];
    }
}

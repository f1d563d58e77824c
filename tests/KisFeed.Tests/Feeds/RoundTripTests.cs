using FsCheck;
using FsCheck.Fluent;
using KisFeed.Tests.Wire;

namespace KisFeed.Tests.Feeds;

/// <summary>Encoding is the inverse of decoding.</summary>
public sealed class RoundTripTests
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(500);

    [Fact]
    public void IndexTrade_Samples() => ShouldRoundTripSample<IndexTrade>("H0UPCNT0");

    [Fact]
    public void BondTrade_Samples() => ShouldRoundTripSample<BondTrade>("H0BJCNT0");

    [Fact]
    public void ProgramTrade_Samples() => ShouldRoundTripSample<ProgramTrade>("H0STPGM0");

    [Fact]
    public void OrderNotice_Samples() => ShouldRoundTripSample<OrderNotice>("H0IFCNI0");

    [Fact]
    public void IndexTrade_AnyRecords() => ShouldRoundTrip(IndexTrade.Feed);

    [Fact]
    public void BondTrade_AnyRecords() => ShouldRoundTrip(BondTrade.Feed);

    [Fact]
    public void ProgramTrade_AnyRecords() => ShouldRoundTrip(ProgramTrade.Consolidated);

    [Fact]
    public void OrderNotice_AnyRecords() => ShouldRoundTrip(OrderNotice.Feed);

    private static void ShouldRoundTripSample<T>(string trId)
        where T : struct, IFeedRecord<T>
    {
        KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
        var record = Decoding.Record<T>(feed, Samples.Of(trId));

        var text = Decoding.Encode(trId, record);

        text.ShouldBe(Samples.Of(trId));
        Decoding.Record<T>(feed, text).ShouldBe(record);
    }

    private static void ShouldRoundTrip<T>(Feed<T> feed)
        where T : struct, IFeedRecord<T> =>
        Check.One(s_config, Prop.ForAll(RecordGenerator.Several<T>().ToArbitrary(), records =>
        {
            var text = Decoding.Encode(feed.TrId, records);
            var decoded = Decoding.Records<T>(feed.Schema, text);

            decoded.ShouldBe(records);

            // Equality ignores the scale of a decimal; the text does not.
            Decoding.Encode(feed.TrId, [.. decoded]).ShouldBe(text);
        }));
}

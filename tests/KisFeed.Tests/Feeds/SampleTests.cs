using KisFeed.Tests.Wire;

namespace KisFeed.Tests.Feeds;

/// <summary>Every column of every published sample, compared with values written by hand.</summary>
public sealed class SampleTests
{
    [Fact]
    public void IndexTrade_EveryColumn()
    {
        var r = Decoding.Record<IndexTrade>(IndexTrade.Feed.Schema, Samples.Of("H0UPCNT0"));

        r.Code.ShouldBe("0001");
        r.Time.ShouldBe(new TimeOnly(9, 12, 40));
        ShouldHaveText(r.Price, "2624.54");
        r.Sign.ShouldBe(ChangeSign.Up);
        ShouldHaveText(r.Change, "32.68");
        r.AccumulatedVolume.ShouldBe(63952);
        r.AccumulatedValue.ShouldBe(1650684);
        r.Volume.ShouldBe(439);
        r.Value.ShouldBe(10335);
        ShouldHaveText(r.ChangeRate, "1.26");
        ShouldHaveText(r.Open, "2615.72");
        ShouldHaveText(r.High, "2624.82");
        ShouldHaveText(r.Low, "2610.00");
        ShouldHaveText(r.OpenChange, "23.86");
        r.OpenSign.ShouldBe(ChangeSign.Up);
        ShouldHaveText(r.HighChange, "32.96");
        r.HighSign.ShouldBe(ChangeSign.Up);
        ShouldHaveText(r.LowChange, "18.14");
        r.LowSign.ShouldBe(ChangeSign.Up);
        ShouldHaveText(r.OpenChangeRate, "0.92");
        ShouldHaveText(r.HighChangeRate, "1.27");
        ShouldHaveText(r.LowChangeRate, "0.70");
        r.UpperLimitCount.ShouldBe(0);
        r.AdvancingCount.ShouldBe(670);
        r.UnchangedCount.ShouldBe(72);
        r.DecliningCount.ShouldBe(177);
        r.LowerLimitCount.ShouldBe(0);
        r.QuotedUpCount.ShouldBe(0);
        r.QuotedDownCount.ShouldBe(0);
        ShouldHaveText(r.TickDifference, "19");
        ShouldHaveNoExtraColumns(r);
        r.Timestamp.ShouldBe(new DateTimeOffset(2026, 11, 20, 9, 12, 40, TimeSpan.FromHours(9)));
    }

    [Fact]
    public void BondTrade_EveryColumn()
    {
        var r = Decoding.Record<BondTrade>(BondTrade.Feed.Schema, Samples.Of("H0BJCNT0"));

        r.Code.ShouldBe("KR103502GD31");
        r.Name.ShouldBe("국고03250-5303(23-2)");
        r.Time.ShouldBe(new TimeOnly(13, 17, 43));
        r.Sign.ShouldBe(ChangeSign.Up);
        ShouldHaveText(r.Change, "5.00");
        ShouldHaveText(r.ChangeRate, "0.05");
        ShouldHaveText(r.Price, "10575.00");
        r.Volume.ShouldBe(1);
        ShouldHaveText(r.Open, "10525.00");
        ShouldHaveText(r.High, "10578.00");
        ShouldHaveText(r.Low, "10525.00");
        ShouldHaveText(r.PreviousClose, "0.00");
        ShouldHaveText(r.Yield, "3.012");
        ShouldHaveText(r.OpenYield, "3.037");
        ShouldHaveText(r.HighYield, "3.010");
        ShouldHaveText(r.LowYield, "3.037");
        r.AccumulatedVolume.ShouldBe(6594124);
        r.PreviousVolume.ShouldBe(9874082);
        r.TradeType.ShouldBe("2");
        ShouldHaveNoExtraColumns(r);
        r.HighYield!.Value.Scale.ShouldBe((byte)3);
    }

    [Theory]
    [InlineData("H0STPGM0")]
    [InlineData("H0NXPGM0")]
    [InlineData("H0UNPGM0")]
    public void ProgramTrade_EveryColumn(string trId)
    {
        KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
        var r = Decoding.Record<ProgramTrade>(feed, Samples.Of("H0STPGM0").Replace("H0STPGM0", trId, StringComparison.Ordinal));

        r.Code.ShouldBe("005930");
        r.Time.ShouldBe(new TimeOnly(9, 22, 37));
        r.SellVolume.ShouldBe(1413444);
        r.SellValue.ShouldBe(109159646900);
        r.BuyVolume.ShouldBe(1189408);
        r.BuyValue.ShouldBe(91931710200);
        r.NetVolume.ShouldBe(-224036);
        r.NetValue.ShouldBe(-17227936700);
        r.RestingSellVolume.ShouldBe(65033);
        r.RestingBuyVolume.ShouldBe(15475);
        r.RestingNetVolume.ShouldBe(-49558);
        ShouldHaveNoExtraColumns(r);
    }

    [Theory]
    [InlineData("H0IFCNI0")]
    [InlineData("H0IFCNI9")]
    public void OrderNotice_EveryColumn(string trId)
    {
        KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
        var r = Decoding.Record<OrderNotice>(feed, Samples.Of("H0IFCNI0").Replace("H0IFCNI0", trId, StringComparison.Ordinal));

        r.CustomerId.ShouldBe("abcd1234");
        r.AccountNumber.ShouldBe("1234567803");
        r.OrderNumber.ShouldBe("0000001666");
        r.OriginalOrderNumber.ShouldBeNull();
        r.Side.ShouldBe(OrderSide.Buy);
        r.Action.ShouldBe(OrderAction.New);
        r.Source.ShouldBe(OrderNoticeSource.Fill);
        r.Symbol.ShouldBe("111V06");
        r.FillQuantity.ShouldBe(2);
        ShouldHaveText(r.FillPrice, "7840000");
        r.Time.ShouldBe(new TimeOnly(9, 58, 35));
        r.Refusal.ShouldBe(OrderRefusal.None);
        r.Kind.ShouldBe(OrderNoticeKind.Fill);
        r.Acceptance.ShouldBe(OrderAcceptance.Confirmed);
        r.BranchNumber.ShouldBe("00950");
        r.OrderQuantity.ShouldBe(0);
        r.AccountName.ShouldBe("위탁계좌");
        r.InstrumentName.ShouldBe("삼성전자   F 2");
        r.OrderCondition.ShouldBeNull();
        r.OrderGroupId.ShouldBeNull();
        r.OrderGroupSequence.ShouldBeNull();
        ShouldHaveText(r.OrderPrice, "0");
        ShouldHaveNoExtraColumns(r);
    }

    /// <summary>Equality of decimals ignores the scale; their invariant text does not.</summary>
    private static void ShouldHaveText(decimal? value, string digits) =>
        value.ShouldNotBeNull().ToString(CultureInfo.InvariantCulture).ShouldBe(digits);

    private static void ShouldHaveNoExtraColumns<T>(T record)
        where T : struct, IFeedRecord<T>
    {
        record.Extra.IsEmpty.ShouldBeTrue();
        record.ReceivedAt.ShouldBe(Decoding.ReceivedAt);
    }
}

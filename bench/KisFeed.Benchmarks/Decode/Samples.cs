using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Benchmarks.Decode;

/// <summary>The published sample frames, and methods that read every property of their records.</summary>
internal static class Samples
{
    public const string Index = "0|H0UPCNT0|001|0001^091240^2624.54^2^32.68^63952^1650684^439^10335^1.26^2615.72^2624.82^2610.00^23.86^2^"
        + "32.96^2^18.14^2^0.92^1.27^0.70^0^670^72^177^0^0^0^19";
    public const string Bond = "0|H0BJCNT0|001|KR103502GD31^국고03250-5303(23-2)^131743^2^5.00^0.05^10575.00^1^10525.00^10578.00^10525.00^0."
        + "00^3.012^3.037^3.010^3.037^6594124^9874082^2";

    public const string StockTrade = "0|H0STCNT0|001|005930^093354^71900^5^-100^-0.14^72023.83^72100^72400^71700^71900^71800^1^3052507^"
        + "219853241700^5105^6937^1832^84.90^1366314^1159996^1^0.39^20.28^090020^5^-200^090820^5^-500^092619^2^200^20230612^20^N^65945^"
        + "216924^1118750^2199206^0.05^2424142^125.92^0^^72100";
    public const string StockBook = "0|H0STASP0|001|005930^093730^0^71900^72000^72100^72200^72300^72400^72500^72600^72700^"
        + "72800^71800^71700^71600^71500^71400^71300^71200^71100^71000^70900^91918^117942^92673^79708^106729^141988^176192^"
        + "113906^134077^104229^95221^159371^220746^284657^212742^195370^182710^209747^376432^158171^1159362^2095167^0^0^0^0^"
        + "525579^-72000^5^-100.00^3159115^0^8^0^0^0";

    // Decrypted; the name of the account is replaced.
    public const string StockNotice = "0|H0STCNI0|001|abcd1234^1234567801^0000002891^^02^0^00^0^136480^0000000001^000003190^094941^0^2^2^"
        + "06010^000000001^위탁계좌^000000000^1^N^^10^^하림^000003190";

    // No frames of these two are published; the one for KRX has the same layout.
    public const string ProgramOnNxt = $"0|H0NXPGM0|001|{Program}";
    public const string ProgramOfBoth = $"0|H0UNPGM0|001|{Program}";

    // Decrypted; the name of the account is replaced.
    public const string Notice = "0|H0IFCNI0|001|abcd1234^1234567803^0000001666^^02^0^0^111V06^0000000002^007840000^095835^0^2^2^00950^"
        + "000000000^위탁계좌^삼성전자   F 2^^^^000000000";

    private const string Program = "005930^092237^1413444^109159646900^1189408^91931710200^-224036^-17227936700^65033^15475^-49558";

    public static long ReadAll(in IndexTrade t) =>
        Of(t.Code) + Of(t.Time) + Of(t.Price) + (long)t.Sign.GetValueOrDefault() + Of(t.Change) + Of(t.AccumulatedVolume)
        + Of(t.AccumulatedValue) + Of(t.Volume) + Of(t.Value) + Of(t.ChangeRate)
        + Of(t.Open) + Of(t.High) + Of(t.Low) + Of(t.OpenChange) + (long)t.OpenSign.GetValueOrDefault() + Of(t.HighChange)
        + (long)t.HighSign.GetValueOrDefault() + Of(t.LowChange) + (long)t.LowSign.GetValueOrDefault()
        + Of(t.OpenChangeRate) + Of(t.HighChangeRate) + Of(t.LowChangeRate) + Of(t.UpperLimitCount) + Of(t.AdvancingCount)
        + Of(t.UnchangedCount) + Of(t.DecliningCount) + Of(t.LowerLimitCount)
        + Of(t.QuotedUpCount) + Of(t.QuotedDownCount) + Of(t.TickDifference);

    public static long ReadAll(in BondTrade t) =>
        Of(t.Code) + Of(t.Name) + Of(t.Time) + (long)t.Sign.GetValueOrDefault() + Of(t.Change) + Of(t.ChangeRate) + Of(t.Price)
        + Of(t.Volume) + Of(t.Open) + Of(t.High) + Of(t.Low) + Of(t.PreviousClose)
        + Of(t.Yield) + Of(t.OpenYield) + Of(t.HighYield) + Of(t.LowYield) + Of(t.AccumulatedVolume) + Of(t.PreviousVolume) + Of(
            t.TradeType);

    public static long ReadAll(in ProgramTrade t) =>
        Of(t.Code) + Of(t.Time) + Of(t.SellVolume) + Of(t.SellValue) + Of(t.BuyVolume) + Of(t.BuyValue) + Of(t.NetVolume) + Of(t.NetValue)
        + Of(t.RestingSellVolume) + Of(t.RestingBuyVolume) + Of(t.RestingNetVolume);

    public static long ReadAll(in OrderNotice t) =>
        Of(t.CustomerId) + Of(t.AccountNumber) + Of(t.OrderNumber) + Of(t.OriginalOrderNumber) + (long)t.Side.GetValueOrDefault()
        + (long)t.Action.GetValueOrDefault() + (long)t.Source.GetValueOrDefault() + Of(t.Symbol)
        + Of(t.FillQuantity) + Of(t.FillPrice) + Of(t.Time) + (long)t.Refusal.GetValueOrDefault() + (long)t.Kind.GetValueOrDefault()
        + (long)t.Acceptance.GetValueOrDefault() + Of(t.BranchNumber) + Of(t.OrderQuantity)
        + Of(t.AccountName) + Of(t.InstrumentName) + Of(t.OrderCondition) + Of(t.OrderGroupId) + Of(t.OrderGroupSequence) + Of(
            t.OrderPrice);

    public static long ReadAll(in StockTrade t) =>
        Of(t.Code) + Of(t.Time) + Of(t.Price) + (long)t.Sign.GetValueOrDefault() + Of(t.Change) + Of(t.ChangeRate) + Of(t.AveragePrice)
        + Of(t.Open) + Of(t.High) + Of(t.Low)
        + Of(t.AskPrice) + Of(t.BidPrice) + Of(t.Volume) + Of(t.AccumulatedVolume) + Of(t.AccumulatedValue) + Of(t.SellTradeCount)
        + Of(t.BuyTradeCount) + Of(t.NetBuyTradeCount)
        + Of(t.TradeStrength) + Of(t.SellVolume) + Of(t.BuyVolume) + (long)t.Side.GetValueOrDefault() + Of(t.BuyRate) + Of(t.VolumeRate)
        + Of(t.OpenTime)
        + (long)t.OpenSign.GetValueOrDefault() + Of(t.OpenChange) + Of(t.HighTime) + (long)t.HighSign.GetValueOrDefault() + Of(t.HighChange)
        + Of(t.LowTime)
        + (long)t.LowSign.GetValueOrDefault() + Of(t.LowChange) + Of(t.Date) + (long)t.MarketOperation.GetValueOrDefault()
        + (long)t.IsHalted.GetValueOrDefault() + Of(t.AskQuantity) + Of(t.BidQuantity)
        + Of(t.TotalAskQuantity) + Of(t.TotalBidQuantity) + Of(t.TurnoverRate) + Of(t.PreviousVolumeAtTime) + Of(t.PreviousVolumeAtTimeRate)
        + (long)t.Phase.GetValueOrDefault()
        + Of(t.ExtensionCode) + Of(t.ViReferencePrice) + (long)t.Session.GetValueOrDefault();

    public static long ReadAll(in StockOrderBook t) =>
        Of(t.Code) + Of(t.Time) + (long)t.Phase.GetValueOrDefault() + Of(t.Asks) + Of(t.Bids) + Of(t.TotalAskQuantity)
        + Of(t.TotalBidQuantity) + Of(t.AfterHoursTotalAskQuantity)
        + Of(t.AfterHoursTotalBidQuantity) + Of(t.ExpectedPrice) + Of(t.ExpectedQuantity) + Of(t.ExpectedVolume) + Of(t.ExpectedChange)
        + (long)t.ExpectedSign.GetValueOrDefault()
        + Of(t.ExpectedChangeRate) + Of(t.AccumulatedVolume) + Of(t.TotalAskQuantityChange) + Of(t.TotalBidQuantityChange)
        + Of(t.AfterHoursTotalAskQuantityChange)
        + Of(t.AfterHoursTotalBidQuantityChange) + Of(t.DealCode) + Of(t.KrxMidPrice) + Of(t.KrxMidQuantity) + Of(t.KrxMidSide)
        + Of(t.NxtMidPrice) + Of(t.NxtMidQuantity) + Of(t.NxtMidSide)
        + Of(t.MidPrice) + Of(t.MidQuantity) + Of(t.MidSide) + (long)t.Session.GetValueOrDefault();

    public static long ReadAll(in StockOrderNotice t) =>
        Of(t.CustomerId) + Of(t.AccountNumber) + Of(t.OrderNumber) + Of(t.OriginalOrderNumber) + (long)t.Side.GetValueOrDefault()
        + (long)t.Action.GetValueOrDefault() + (long)t.OrderKind.GetValueOrDefault()
        + (long)t.OrderCondition.GetValueOrDefault() + Of(t.Symbol) + Of(t.FillQuantity) + Of(t.FillPrice) + Of(t.Time)
        + (long)t.Refusal.GetValueOrDefault() + (long)t.Kind.GetValueOrDefault()
        + (long)t.Acceptance.GetValueOrDefault() + Of(t.BranchNumber) + Of(t.OrderQuantity) + Of(t.AccountName) + Of(t.ConditionPrice)
        + (long)t.OrderExchange.GetValueOrDefault()
        + (long)t.ShowsFill.GetValueOrDefault() + Of(t.Filler) + Of(t.CreditCode) + Of(t.LoanDate) + Of(t.InstrumentName) + Of(t.OrderPrice)
        + Of(t.ShortName);

    private static long Of(string? text) => text?.Length ?? 0;

    private static long Of(long? number) => number ?? 0;

    private static long Of(TimeOnly? time) => time?.Ticks ?? 0;

    private static long Of(DateOnly? date) => date?.DayNumber ?? 0;

    private static long Of(Repeated<BookLevel> levels)
    {
        var sum = 0L;
        foreach (var level in levels)
            sum += Of(level.Price) + Of(level.Quantity);
        return sum;
    }

    private static long Of(decimal? number) => number is { } value && value > 1 ? 1 : 0;
}

using KisFeed.Feeds;

namespace KisFeed.Benchmarks.Decode;

/// <summary>The published sample frames, and methods that read every property of their records.</summary>
internal static class Samples
{
    public const string Index = "0|H0UPCNT0|001|0001^091240^2624.54^2^32.68^63952^1650684^439^10335^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^0.92^1.27^0.70^0^670^72^177^0^0^0^19";
    public const string Bond = "0|H0BJCNT0|001|KR103502GD31^국고03250-5303(23-2)^131743^2^5.00^0.05^10575.00^1^10525.00^10578.00^10525.00^0.00^3.012^3.037^3.010^3.037^6594124^9874082^2";

    // No frames of these two are published; the one for KRX has the same layout.
    public const string ProgramOnNxt = $"0|H0NXPGM0|001|{Program}";
    public const string ProgramOfBoth = $"0|H0UNPGM0|001|{Program}";

    // Decrypted; the name of the account is replaced.
    public const string Notice = "0|H0IFCNI0|001|abcd1234^1234567803^0000001666^^02^0^0^111V06^0000000002^007840000^095835^0^2^2^00950^000000000^위탁계좌^삼성전자   F 2^^^^000000000";

    private const string Program = "005930^092237^1413444^109159646900^1189408^91931710200^-224036^-17227936700^65033^15475^-49558";

    public static long ReadAll(in IndexTrade t) =>
        Of(t.Code) + Of(t.Time) + Of(t.Price) + (long)t.Sign.GetValueOrDefault() + Of(t.Change) + Of(t.AccumulatedVolume) + Of(t.AccumulatedValue) + Of(t.Volume) + Of(t.Value) + Of(t.ChangeRate)
        + Of(t.Open) + Of(t.High) + Of(t.Low) + Of(t.OpenChange) + (long)t.OpenSign.GetValueOrDefault() + Of(t.HighChange) + (long)t.HighSign.GetValueOrDefault() + Of(t.LowChange) + (long)t.LowSign.GetValueOrDefault()
        + Of(t.OpenChangeRate) + Of(t.HighChangeRate) + Of(t.LowChangeRate) + Of(t.UpperLimitCount) + Of(t.AdvancingCount) + Of(t.UnchangedCount) + Of(t.DecliningCount) + Of(t.LowerLimitCount)
        + Of(t.QuotedUpCount) + Of(t.QuotedDownCount) + Of(t.TickDifference);

    public static long ReadAll(in BondTrade t) =>
        Of(t.Code) + Of(t.Name) + Of(t.Time) + (long)t.Sign.GetValueOrDefault() + Of(t.Change) + Of(t.ChangeRate) + Of(t.Price) + Of(t.Volume) + Of(t.Open) + Of(t.High) + Of(t.Low) + Of(t.PreviousClose)
        + Of(t.Yield) + Of(t.OpenYield) + Of(t.HighYield) + Of(t.LowYield) + Of(t.AccumulatedVolume) + Of(t.PreviousVolume) + Of(t.TradeType);

    public static long ReadAll(in ProgramTrade t) =>
        Of(t.Code) + Of(t.Time) + Of(t.SellVolume) + Of(t.SellValue) + Of(t.BuyVolume) + Of(t.BuyValue) + Of(t.NetVolume) + Of(t.NetValue) + Of(t.RestingSellVolume) + Of(t.RestingBuyVolume) + Of(t.RestingNetVolume);

    public static long ReadAll(in OrderNotice t) =>
        Of(t.CustomerId) + Of(t.AccountNumber) + Of(t.OrderNumber) + Of(t.OriginalOrderNumber) + (long)t.Side.GetValueOrDefault() + (long)t.Action.GetValueOrDefault() + (long)t.Source.GetValueOrDefault() + Of(t.Symbol)
        + Of(t.FillQuantity) + Of(t.FillPrice) + Of(t.Time) + (long)t.Refusal.GetValueOrDefault() + (long)t.Kind.GetValueOrDefault() + (long)t.Acceptance.GetValueOrDefault() + Of(t.BranchNumber) + Of(t.OrderQuantity)
        + Of(t.AccountName) + Of(t.InstrumentName) + Of(t.OrderCondition) + Of(t.OrderGroupId) + Of(t.OrderGroupSequence) + Of(t.OrderPrice);

    private static long Of(string? text) => text?.Length ?? 0;

    private static long Of(long? number) => number ?? 0;

    private static long Of(TimeOnly? time) => time?.Ticks ?? 0;

    private static long Of(decimal? number) => number is { } value && value > 1 ? 1 : 0;
}

using KisFeed.Feeds;

namespace KisFeed.Benchmarks.Decode;

internal static class Samples
{
    public const string Index = "0|H0UPCNT0|001|0001^091240^2624.54^2^32.68^63952^1650684^439^10335^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^0.92^1.27^0.70^0^670^72^177^0^0^0^19";

    public static long ReadAll(IndexTrade t) =>
        t.Code.Length + (t.Time?.Ticks ?? 0) + S(t.Price) + (long)t.Sign.GetValueOrDefault() + S(t.Change) + (t.AccumulatedVolume ?? 0) + (t.AccumulatedValue ?? 0) + (t.Volume ?? 0) + (t.Value ?? 0)
        + S(t.ChangeRate) + S(t.Open) + S(t.High) + S(t.Low) + S(t.OpenChange);

    private static long S(decimal? value) => value?.Scale ?? 0;
}

using System.Runtime.InteropServices;

namespace KisFeed.Simulator.Market;

/// <summary>The program trading of a day in one stock on one venue, or on several summed up.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ProgramTotals(long SellVolume, long SellValue, long BuyVolume, long BuyValue, long RestingSell, long RestingBuy)
{
    /// <summary>Both venues together.</summary>
    public static ProgramTotals operator +(in ProgramTotals left, in ProgramTotals right) => new(
        left.SellVolume + right.SellVolume,
        left.SellValue + right.SellValue,
        left.BuyVolume + right.BuyVolume,
        left.BuyValue + right.BuyValue,
        left.RestingSell + right.RestingSell,
        left.RestingBuy + right.RestingBuy);

    public ProgramTotals Sold(long quantity, long price) => this with { SellVolume = SellVolume + quantity, SellValue = SellValue + (quantity * price) };

    public ProgramTotals Bought(long quantity, long price) => this with { BuyVolume = BuyVolume + quantity, BuyValue = BuyValue + (quantity * price) };
}

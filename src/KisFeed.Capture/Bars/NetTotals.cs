using System.Runtime.InteropServices;

namespace KisFeed.Capture;

/// <summary>What was traded today, or within a time, in the units of the feed.</summary>
/// <param name="Volume">The volume bought and sold.</param>
/// <param name="Turnover">The money for it; 0 where the feed does not tell.</param>
/// <param name="NetVolume">The volume bought less that sold.</param>
/// <param name="NetTurnover">The money for what was bought less that for what was sold; 0 where the feed does not tell.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct NetTotals(decimal Volume, decimal Turnover, decimal NetVolume, decimal NetTurnover)
{
    public static NetTotals operator +(NetTotals a, NetTotals b) => new(a.Volume + b.Volume, a.Turnover + b.Turnover, a.NetVolume + b.NetVolume, a.NetTurnover + b.NetTurnover);

    public static NetTotals operator -(NetTotals a, NetTotals b) => new(a.Volume - b.Volume, a.Turnover - b.Turnover, a.NetVolume - b.NetVolume, a.NetTurnover - b.NetTurnover);
}

using System.Runtime.InteropServices;

namespace KisFeed.Capture;

/// <summary>What a record has to do with the volume of its day.</summary>
/// <param name="Fresh">What of its own volume no record before it accounts for.</param>
/// <param name="Excess">What of its own volume is more than the cumulative one grew.</param>
/// <param name="IsRestart">Whether the cumulative volume began anew with it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct VolumeShare(decimal Fresh, decimal Excess = 0, bool IsRestart = false);

using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Simulator.Server;

/// <summary>A client's text that waits.</summary>
/// <param name="Text">The text.</param>
/// <param name="Received">When it came, as a timestamp of the clock.</param>
/// <param name="Delay">How long after that it is due.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DeferredRequest(byte[] Text, long Received, TimeSpan Delay)
{
    /// <summary>Whether both are for the same key of the same feed, so that their order matters to what becomes of it.</summary>
    public bool ConcernsTheSameAs(in DeferredRequest other) =>
        Request.TryParse(Text, out var mine, out _) && Request.TryParse(other.Text, out var others, out _) && mine.TrId == others.TrId && mine.TrKey == others.TrKey;
}

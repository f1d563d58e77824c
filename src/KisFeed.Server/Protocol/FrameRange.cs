using System.Runtime.InteropServices;

namespace KisFeed.Server;

/// <summary>Frames that were gathered one behind the other.</summary>
/// <param name="Start">Where the first begins.</param>
/// <param name="End">Where the last ends.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Records">How many records they are known to hold.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FrameRange(int Start, int End, int Count, int Records);

using System.Runtime.InteropServices;

namespace KisFeed.Replay;

/// <summary>A frame of a capture.</summary>
/// <param name="TrId">The feed that it came by; empty where nothing says so.</param>
/// <param name="Bytes">The frame.</param>
/// <param name="At">When it was received.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ReplayFrame(string TrId, ReadOnlyMemory<byte> Bytes, DateTimeOffset At);

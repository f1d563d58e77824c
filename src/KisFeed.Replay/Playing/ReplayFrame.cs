using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Replay;

/// <summary>A frame of a capture, or what happened to a registration, which has no bytes.</summary>
/// <param name="TrId">The feed that it came by; empty where nothing says so.</param>
/// <param name="Bytes">The frame.</param>
/// <param name="At">When it was received.</param>
/// <param name="Event">What happened; <see langword="null"/> for a frame.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ReplayFrame(string TrId, ReadOnlyMemory<byte> Bytes, DateTimeOffset At, ServerEvent? Event = null);

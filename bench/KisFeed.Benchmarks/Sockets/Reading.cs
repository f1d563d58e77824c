namespace KisFeed.Benchmarks.Sockets;

/// <summary>What a client has got so far.</summary>
/// <param name="Frames">Frames that reached the end of its path.</param>
/// <param name="Records">Records that were decoded from them; <see langword="null"/> where none are.</param>
/// <param name="Dropped">Frames that did not, because it was too slow.</param>
internal sealed record Reading(long Frames, long? Records, long Dropped);

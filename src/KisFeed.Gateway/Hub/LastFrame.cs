namespace KisFeed.Gateway;

/// <summary>What came last of a key that is registered upstream.</summary>
/// <param name="Bytes">A frame with the key's last record alone; empty where nothing has come yet.</param>
/// <param name="ReceivedAt">When it was received; <see langword="null"/> where nothing has come yet.</param>
/// <param name="Interruption">Since when, and why, newer data may be missing; <see langword="null"/> where none are known to be.</param>
internal sealed record LastFrame(ReadOnlyMemory<byte> Bytes, DateTimeOffset? ReceivedAt, Interruption? Interruption);

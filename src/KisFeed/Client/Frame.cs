namespace KisFeed;

/// <summary>A data frame as received, and when.</summary>
/// <param name="Bytes">The frame, <c>flag|TR_ID|count|payload</c>; an order notice in its decrypted form with flag 0.</param>
/// <param name="ReceivedAt">When it was received.</param>
public readonly record struct Frame(ReadOnlyMemory<byte> Bytes, DateTimeOffset ReceivedAt);

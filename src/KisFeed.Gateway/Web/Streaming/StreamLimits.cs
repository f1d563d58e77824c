namespace KisFeed.Gateway;

/// <summary>How much may wait in the queue of a stream, and what becomes of more.</summary>
/// <param name="Records">Records and events.</param>
/// <param name="Bytes">Bytes of memory that they may take, about. One may wait however large it is.</param>
/// <param name="Overflow">What becomes of more.</param>
internal sealed record StreamLimits(int Records, long Bytes, StreamOverflow Overflow);

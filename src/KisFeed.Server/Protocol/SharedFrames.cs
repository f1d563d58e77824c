using KisFeed.Wire;

namespace KisFeed.Server.Protocol;

/// <summary>Consecutive data frames in wire format, shared by the queues of many clients. The bytes never change.</summary>
/// <param name="All">The array that holds the frames. It stays in memory as long as they do.</param>
/// <param name="Start">The offset of the first frame.</param>
/// <param name="Length">The length of all frames in bytes.</param>
/// <param name="Count">The number of frames.</param>
internal readonly record struct SharedFrames(byte[] All, int Start, int Length, int Count)
{
    private const int MinShare = 4;

    public ReadOnlyMemory<byte> Bytes => All.AsMemory(Start, Length);

    /// <summary>
    /// Whether a queue may hold a reference to the array. Otherwise it holds a copy: a slow client with few frames would keep large arrays
    /// in memory for small parts of them.
    /// </summary>
    public bool IsLargeShare => Length >= All.Length / MinShare;

    /// <summary>The text of each frame, without its WebSocket header.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Texts()
    {
        for (var left = Bytes; !left.IsEmpty;)
        {
            WebSocketFrameHeader.TryRead(left.Span, out var header);
            left = left[header.Length..];
            yield return left[..(int)header.PayloadLength];
            left = left[(int)header.PayloadLength..];
        }
    }
}

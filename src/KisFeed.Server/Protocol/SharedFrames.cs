namespace KisFeed.Server;

/// <summary>Data frames for many clients, one behind the other as they stand on the wire: one copy of them, however many they wait for. The bytes do not change.</summary>
/// <param name="All">What they are a part of, and keep in memory.</param>
/// <param name="Start">Where the first begins.</param>
/// <param name="Length">Their bytes.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct SharedFrames(byte[] All, int Start, int Length, int Count)
{
    private const int LeastShare = 4;

    /// <summary>The WebSocket frames.</summary>
    public ReadOnlyMemory<byte> Bytes => All.AsMemory(Start, Length);

    /// <summary>Whether who waits for them may keep them as they are. Of a small part a copy is kept instead: who reads slowly what is rare would hold everything that came between.</summary>
    public bool IsMuch => Length >= All.Length / LeastShare;

    /// <summary>The text of each, for who does not write to the wire.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Texts()
    {
        for (var left = Bytes; !left.IsEmpty;)
        {
            var (start, length) = ServerFrame.ReadTextHeader(left.Span);
            yield return left.Slice(start, length);
            left = left[(start + length)..];
        }
    }
}

using KisFeed.Wire;

namespace KisFeed.Client;

/// <summary>A frame or an event on its way to a consumer.</summary>
internal readonly struct QueuedFrame
{
    /// <summary>Approximate memory of an item without its bytes.</summary>
    public const int ItemBytes = 104;

    /// <summary>Creates a frame, or a received message that cannot be read, which take room.</summary>
    public QueuedFrame(int size, DateTimeOffset receivedAt)
    {
        Size = size;
        ReceivedAt = receivedAt;
    }

    /// <summary>Creates an event, which takes no room.</summary>
    public QueuedFrame(FeedEvent feedEvent) => Event = feedEvent;

    public StoredBytes Bytes { get; init; }

    /// <summary>The room that it takes; 0 for an event.</summary>
    public int Size { get; }

    public DateTimeOffset ReceivedAt { get; }

    /// <summary>The event, unless the item is a readable frame.</summary>
    public FeedEvent? Event { get; init; }

    /// <summary>How the records of a frame are laid out.</summary>
    public FrameShape Shape { get; init; }

    /// <summary>In the queue of a subscription: its number among the frames, counting dropped ones.</summary>
    public long Sequence { get; init; }

    /// <summary>In the queue of a subscription: the number of interruptions before it.</summary>
    public int Interruptions { get; init; }

    /// <summary>In the queue of a subscription: the reason of the last interruption.</summary>
    public GapReason Reason { get; init; }

    /// <summary>In the queue of a tap: the feed of a frame.</summary>
    public FeedSchema? Feed { get; init; }

    /// <summary>In the queue of a tap: the key of the registration that an order notice belongs to.</summary>
    public string? Key { get; init; }

    public ReadOnlySpan<byte> Text => Bytes.Span;

    /// <summary>The room that a frame or a message of this length takes.</summary>
    public static int SizeOf(int length) => length + ItemBytes;
}

internal readonly record struct StoredBytes(byte[]? Buffer, int Start, int Length)
{
    public ReadOnlySpan<byte> Span => Buffer.AsSpan(Start, Length);

    public ReadOnlyMemory<byte> Memory => Buffer.AsMemory(Start, Length);
}

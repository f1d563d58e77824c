using KisFeed.Wire;

namespace KisFeed;

/// <summary>A frame or an event on its way to the reader of a tap.</summary>
/// <param name="Buffer">Where the bytes of a frame are; the buffer goes back to the pool some time after it has been read.</param>
/// <param name="Length">How many there are.</param>
/// <param name="Shape">How its records are laid out.</param>
/// <param name="ReceivedAt">When it was received.</param>
/// <param name="Feed">The feed of the frame or event.</param>
/// <param name="Event">The event, where it is not a frame that can be read.</param>
/// <param name="Key">The key of the registration that the event or the order notice is of.</param>
internal readonly record struct TappedItem(byte[] Buffer, int Length, FrameShape Shape, DateTimeOffset ReceivedAt, FeedSchema? Feed, FeedEvent? Event, string? Key)
{
    /// <summary>Whether it takes room, as what was received does.</summary>
    public bool IsReceived => Event is null or MalformedFrame;

    /// <summary>What it takes in memory, roughly.</summary>
    public long Bytes => Event is MalformedFrame malformed ? malformed.Raw.Length : Buffer.Length;
}

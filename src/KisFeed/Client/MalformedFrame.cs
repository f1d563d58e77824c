using KisFeed.Wire;

namespace KisFeed;

/// <summary>A frame, or a record of one, that could not be read. Nothing of it was guessed.</summary>
public sealed record MalformedFrame : FeedEvent
{
    /// <summary>What is wrong, and where.</summary>
    public required FrameError Error { get; init; }

    /// <summary>
    /// The whole frame, in the form that the error's position refers to. For an order notice that could be decrypted this is its plain text.
    /// </summary>
    public required ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>When the frame was received.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    private protected override string Description => $"{Error}, at {TimeText(ReceivedAt)}";
}

using KisFeed.Wire;

namespace KisFeed;

/// <summary>One item of a subscription to raw frames: a frame, or an event that stands where it happened.</summary>
public readonly struct FrameItem
{
    internal FrameItem(Frame frame, FrameShape shape)
    {
        Frame = frame;
        Shape = shape;
    }

    internal FrameItem(FeedEvent @event) => Event = @event;

    /// <summary>Whether this is a frame.</summary>
    public bool IsFrame => Event is null;

    /// <summary>The frame, where this is one. Its bytes are the consumer's own.</summary>
    public Frame Frame { get; }

    /// <summary>How the frame's records are laid out.</summary>
    public FrameShape Shape { get; }

    /// <summary>The event, where this is one: a <see cref="Gap"/>, an <see cref="Interruption"/> or a <see cref="MalformedFrame"/>.</summary>
    public FeedEvent? Event { get; }
}

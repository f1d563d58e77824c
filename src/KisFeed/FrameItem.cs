using KisFeed.Wire;

namespace KisFeed;

/// <summary>One item of a subscription to raw frames: a frame or an event, in order.</summary>
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

    /// <summary>The frame, if <see cref="IsFrame"/>. The consumer owns its bytes.</summary>
    public Frame Frame { get; }

    /// <summary>How the frame's records are laid out.</summary>
    public FrameShape Shape { get; }

    /// <summary>
    /// The event, if this is not a frame: a <see cref="Gap"/>, an <see cref="Interruption"/>, a
    /// <see cref="MalformedFrame"/> or <see cref="LiveBegins"/>.
    /// </summary>
    public FeedEvent? Event { get; }
}

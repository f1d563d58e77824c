using KisFeed.Wire;

namespace KisFeed;

/// <summary>One item of a <see cref="FrameTap"/>: a frame, or an event that stands where it happened.</summary>
public readonly struct TapItem
{
    internal TapItem(FeedSchema feed, Frame frame, FrameShape shape, string? key = null)
    {
        Feed = feed;
        TrId = feed.TrId;
        Frame = frame;
        Shape = shape;
        Key = key;
    }

    internal TapItem(FeedEvent @event, string? trId, FeedSchema? feed, string? key)
    {
        Event = @event;
        TrId = trId;
        Feed = feed;
        Key = key;
    }

    /// <summary>Whether this is a frame.</summary>
    public bool IsFrame => Event is null;

    /// <summary>The frame, where this is one: in plain form, with all its records, whatever keys they are of.</summary>
    public Frame Frame { get; }

    /// <summary>How the frame's records are laid out.</summary>
    public FrameShape Shape { get; }

    /// <summary>
    /// The event, where this is one. Of one registration: a <see cref="RegistrationConfirmed"/>, <see cref="RegistrationRefused"/>, <see cref="RegistrationReleased"/>,
    /// <see cref="Interruption"/> or <see cref="Gap"/>. Of a session: a <see cref="SessionConnected"/> or <see cref="SessionLost"/>. Or a <see cref="MalformedFrame"/>.
    /// </summary>
    public FeedEvent? Event { get; }

    /// <summary>The TR ID of the frame, the malformed frame or the registration; <see langword="null"/> for events of a session and for what has none.</summary>
    public string? TrId { get; }

    /// <summary>The feed; <see langword="null"/> where there is no <see cref="TrId"/>, or none that is known.</summary>
    public FeedSchema? Feed { get; }

    /// <summary>
    /// The key of the registration that an event is of, which for order notices is the HTS ID. Of a frame with order notices: the HTS ID of the registration that it came for, whatever customer the notice names.
    /// <see langword="null"/> for all other frames and events.
    /// </summary>
    public string? Key { get; }
}

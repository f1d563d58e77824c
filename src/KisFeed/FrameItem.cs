using KisFeed.Wire;

namespace KisFeed;

/// <summary>One item of a <see cref="FrameSubscription"/> or a <see cref="FrameTap"/>: a frame or an event, in order.</summary>
public readonly struct FrameItem
{
    internal FrameItem(FeedSchema feed, Frame frame, FrameShape shape, string? key = null)
    {
        Feed = feed;
        Frame = frame;
        Shape = shape;
        Key = key;
    }

    internal FrameItem(FeedEvent @event)
    {
        Event = @event;
        Feed = @event.Feed;
        Key = @event.Key;
    }

    internal FrameItem(MalformedFrame malformed, string? trId, FeedSchema? feed)
    {
        Event = malformed;
        TrId = trId;
        Feed = feed;
    }

    /// <summary>Whether this is a frame.</summary>
    public bool IsFrame => Event is null;

    /// <summary>The frame, if <see cref="IsFrame"/>: in plain form, with all its records, whatever their keys.</summary>
    public Frame Frame { get; init; }

    /// <summary>How the frame's records are laid out.</summary>
    public FrameShape Shape { get; init; }

    /// <summary>
    /// The event, if this is not a frame. Of one registration: a <see cref="Gap"/>, an <see cref="Interruption"/>, <see cref="Evicted"/>,
    /// of a subscription also <see cref="Restored"/> or <see cref="LiveBegins"/>, of a tap also a
    /// <see cref="RegistrationConfirmed"/>, <see cref="FirstFrame"/>,
    /// <see cref="RegistrationRefused"/> or <see cref="RegistrationReleased"/>. Of a session, in a tap: a <see cref="SessionConnected"/> or
    /// <see cref="SessionLost"/>. Or a <see cref="MalformedFrame"/>.
    /// </summary>
    public FeedEvent? Event { get; init; }

    /// <summary>
    /// The TR ID of the frame, the malformed frame or the registration; <see langword="null"/> for events of a session and
    /// for a malformed frame that has none.
    /// </summary>
    public string? TrId { get => field ?? Feed?.TrId; init; }

    /// <summary>The feed; <see langword="null"/> if there is no <see cref="TrId"/> or it is unknown.</summary>
    public FeedSchema? Feed { get; init; }

    /// <summary>
    /// The key of the registration that an event concerns (for order notices, the HTS ID). For a frame with order notices: the HTS ID of
    /// the registration that received it, whatever customer the notice names. <see langword="null"/> for all other frames and events.
    /// </summary>
    public string? Key { get; init; }
}

using KisFeed.Wire;

namespace KisFeed.Session;

/// <summary>The actions that a <see cref="FrameRouter"/> requests. An implementation does not call back into it.</summary>
internal interface IFrameActions
{
    /// <summary>
    /// Deliver a frame, in plain form, to the subscribers of the registrations that have records in it: at least one registration, each
    /// once. Registrations and bytes are valid only during the call.
    /// </summary>
    void Deliver(ReadOnlySpan<Registration> registrations, in DataFrame frame, in FrameShape shape, DateTimeOffset receivedAt);

    /// <summary>
    /// Report a malformed frame to the subscribers of the registrations that it may have belonged to, at least one. <paramref name="raw"/>
    /// is the frame in the form that the error's position refers to. Registrations and bytes are valid only during the call.
    /// </summary>
    void DeliverMalformed(ReadOnlySpan<Registration> registrations, in FrameError error, ReadOnlySpan<byte> raw, DateTimeOffset receivedAt);

    /// <summary>Data of a confirmed registration may be missing from now on, until its next frame.</summary>
    void Interrupted(Registration registration, GapReason reason);

    /// <summary>
    /// Records of a feed are wider than any known layout. Called once per feed and width, and no more after many different widths.
    /// </summary>
    void UnknownWidth(FeedSchema feed, in FrameShape shape);
}

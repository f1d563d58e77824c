using KisFeed.Wire;

namespace KisFeed.Session;

/// <summary>
/// What a session wants done. Called while an event is being handled; an implementation notes or carries out the action and does not call
/// back into the session.
/// </summary>
public interface ISessionActions
{
    /// <summary>Send a text message. Requests hold the approval key: secret.</summary>
    void Send(ReadOnlySpan<byte> text);

    /// <summary>Raise <see cref="SessionMachine.TimerDue"/> at this time; replaces what was set before.</summary>
    void SetTimer(TimeSpan dueAt);

    /// <summary>Hand a frame, in plain form, to the subscribers of a registration. The bytes are valid during the call.</summary>
    void Deliver(Registration registration, in DataFrame frame, in FrameShape shape, DateTimeOffset receivedAt);

    /// <summary>
    /// Tell the subscribers of a registration of a frame that cannot be read and may have been theirs. <paramref name="raw"/> is the frame
    /// in the form that the error's position refers to, valid during the call.
    /// </summary>
    void DeliverMalformed(Registration registration, in FrameError error, ReadOnlySpan<byte> raw, DateTimeOffset receivedAt);

    /// <summary>The server holds the registration: its frames may arrive from now on.</summary>
    void Confirmed(Registration registration);

    /// <summary>The registration did not come about and is gone.</summary>
    void Refused(Registration registration, RefusalReason reason, BrokerReply? reply);

    /// <summary>The registration is gone because nobody wanted it any more.</summary>
    void Released(Registration registration);

    /// <summary>Records of a feed are wider than any known layout. Called once per feed and width, and no more once many have been met.</summary>
    void UnknownWidth(FeedSchema feed, in FrameShape shape);

    /// <summary>The server sent an answer that belongs to no request.</summary>
    void UnexpectedReply(BrokerReply reply);

    /// <summary>The session is over; every registration is gone. The connection is to be closed if it still stands.</summary>
    void Ended(SessionEndReason reason, BrokerReply? reply);
}

using KisFeed.Wire;

namespace KisFeed.Session;

/// <summary>
/// What a session wants done. Called while an event is being handled; an implementation notes or carries out the action and does not call
/// back into any session.
/// </summary>
public interface ISessionActions
{
    /// <summary>
    /// Make a connection, and raise <see cref="SessionMachine.Opened"/> or <see cref="SessionMachine.ConnectFailed"/> with its number.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="connection">The number of the connection; whatever is said of an earlier one is no longer of interest.</param>
    /// <param name="freshKey">Whether the approval key must have been issued just now, because the server does not know the one before.</param>
    void Connect(SessionMachine session, long connection, bool freshKey);

    /// <summary>Give a connection up: say goodbye, or, if it is dead, do not.</summary>
    void Disconnect(SessionMachine session, long connection, bool isDead);

    /// <summary>Send a text message on the present connection. Requests hold the approval key: secret.</summary>
    void Send(SessionMachine session, ReadOnlySpan<byte> text);

    /// <summary>Raise <see cref="SessionMachine.TimerDue"/> at this time; replaces what was set before.</summary>
    void SetTimer(SessionMachine session, TimeSpan dueAt);

    /// <summary>The connection stands, and its registrations are asked for next.</summary>
    void Connected(SessionMachine session);

    /// <summary>
    /// Hand a frame, in plain form, to the subscribers of the registrations that have records in it: at least one, each once. Registrations and
    /// bytes are valid during the call.
    /// </summary>
    void Deliver(ReadOnlySpan<Registration> registrations, in DataFrame frame, in FrameShape shape, DateTimeOffset receivedAt);

    /// <summary>
    /// Tell the subscribers of some registrations, at least one, of a frame that cannot be read and may have been theirs. <paramref name="raw"/> is
    /// the frame in the form that the error's position refers to. Registrations and bytes are valid during the call.
    /// </summary>
    void DeliverMalformed(ReadOnlySpan<Registration> registrations, in FrameError error, ReadOnlySpan<byte> raw, DateTimeOffset receivedAt);

    /// <summary>The server holds the registration: its frames may arrive from now on.</summary>
    void Confirmed(Registration registration);

    /// <summary>Data of a registration that was confirmed may be missing from now on, until its next frame.</summary>
    void Interrupted(Registration registration, InterruptionCause cause);

    /// <summary>A KisFeed server told what happened to a registration, or, where that is <see langword="null"/>, to the connection. Refusals come as <see cref="Refused"/>.</summary>
    void ServerEventReceived(SessionMachine session, Registration? registration, ServerEvent happened);

    /// <summary>The registration did not come about, or could not be restored, and is gone.</summary>
    void Refused(Registration registration, RefusalReason reason, BrokerReply? reply);

    /// <summary>The registration is gone because nobody wanted it any more.</summary>
    void Released(Registration registration);

    /// <summary>Records of a feed are wider than any known layout. Called once per feed and width, and no more once many have been met.</summary>
    void UnknownWidth(FeedSchema feed, in FrameShape shape);

    /// <summary>The server sent an answer that belongs to no request.</summary>
    void UnexpectedReply(SessionMachine session, BrokerReply reply);

    /// <summary>
    /// The connection is gone. The session's phase says what follows: <see cref="SessionPhase.Waiting"/> for the next attempt,
    /// <see cref="SessionPhase.Idle"/> where nothing is wanted, or <see cref="SessionPhase.Halted"/>, of which <see cref="Halted"/> tells.
    /// </summary>
    void Lost(SessionMachine session, LossReason reason, BrokerReply? reply);

    /// <summary>The session makes no further attempt. Its registrations are moved or refused next.</summary>
    void Halted(SessionMachine session, HaltReason reason, BrokerReply? reply);

    /// <summary>The session is over because that was asked for; every registration is gone.</summary>
    void Ended(SessionMachine session);
}

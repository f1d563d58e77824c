using KisFeed.Wire.Control;

namespace KisFeed.Session;

/// <summary>
/// The actions that a session requests. Called while the session handles an event; an implementation performs or queues the action and
/// does not call back into any session.
/// </summary>
internal interface ISessionActions : IFrameActions
{
    /// <summary>
    /// Open a connection, and call <see cref="SessionMachine.Opened"/> or <see cref="SessionMachine.ConnectFailed"/> with its number.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="connection">The number of the connection. Calls with an earlier number are ignored.</param>
    /// <param name="freshKey">Whether the approval key must be newly issued, because the server does not know the previous one.</param>
    void Connect(SessionMachine session, long connection, bool freshKey);

    /// <summary>End a connection: with a closing handshake, or without one if it is dead.</summary>
    void Disconnect(SessionMachine session, long connection, bool isDead);

    /// <summary>Send a text message on the current connection. Requests contain the approval key: secret.</summary>
    void Send(SessionMachine session, ReadOnlySpan<byte> text);

    /// <summary>Call <see cref="SessionMachine.TimerDue"/> at this time; replaces the previous timer.</summary>
    void SetTimer(SessionMachine session, TimeSpan dueAt);

    /// <summary>
    /// Ask for permission to make one connection attempt, and call <see cref="SessionMachine.PermitGranted"/> when it is given.
    /// </summary>
    void RequestPermit(SessionMachine session)
    {
    }

    /// <summary>Whether a session that needs permission may send now.</summary>
    bool MaySend(SessionMachine session) => true;

    /// <summary>The connection is established. The session sends its registrations next.</summary>
    void Connected(SessionMachine session);

    /// <summary>The server holds the registration: its frames may arrive from now on.</summary>
    void Confirmed(Registration registration);

    /// <summary>
    /// A registration with a higher priority took the slot of a confirmed one. Data are missing until it is confirmed again. Also called
    /// when it is evicted again before that, because others may have subscribed meanwhile.
    /// </summary>
    void Evicted(Registration registration);

    /// <summary>
    /// A KisFeed server reported an event of a registration or, if that is <see langword="null"/>, of the connection. Refusals are
    /// reported by <see cref="Refused"/>.
    /// </summary>
    void ServerEventReceived(SessionMachine session, Registration? registration, ServerEvent serverEvent);

    /// <summary>The registration was refused or could not be restored, and is removed.</summary>
    void Refused(Registration registration, RefusalReason reason, BrokerReply? reply);

    /// <summary>The registration was released because no subscriber needs it.</summary>
    void Released(Registration registration);

    /// <summary>The server sent an answer that does not belong to any request.</summary>
    void UnexpectedReply(SessionMachine session, BrokerReply reply);

    /// <summary>
    /// The connection was lost. The session's phase shows what follows: <see cref="SessionPhase.Waiting"/> for the next attempt,
    /// <see cref="SessionPhase.Idle"/> if no registration is needed, or <see cref="SessionPhase.Halted"/>,
    /// which <see cref="Halted"/> reports.
    /// </summary>
    void Lost(SessionMachine session, LossReason reason, BrokerReply? reply);

    /// <summary>An attempt failed, and there is no registration to try again for: the session is <see cref="SessionPhase.Idle"/>.</summary>
    void AttemptFailed(SessionMachine session);

    /// <summary>The session does not reconnect. Its registrations are moved or refused next.</summary>
    void Halted(SessionMachine session, HaltReason reason, BrokerReply? reply);

    /// <summary>The session was stopped, and every registration is removed.</summary>
    void Ended(SessionMachine session);
}

/// <summary>Why an established connection ended.</summary>
internal enum LossReason
{
    /// <summary>The server closed it, or it broke.</summary>
    Closed,

    /// <summary>Nothing arrived for longer than the watchdog allows.</summary>
    Silence,

    /// <summary>The server refused the session as a whole; its answer states the reason.</summary>
    Refused,

    /// <summary>The permission to use the app key ended.</summary>
    StoodDown,
}

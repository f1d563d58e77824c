namespace KisFeed.Simulation.Plans;

/// <summary>What goes wrong in a simulation, until it is told to stop.</summary>
[Flags]
public enum FaultKinds
{
    None = 0,

    /// <summary>Attempts fail: the service cannot be reached, turns them down, or wants fewer of them.</summary>
    FailedDials = 1 << 0,

    /// <summary>The server ends connections: before, during and after each step of a session.</summary>
    Drops = 1 << 1,

    /// <summary>Connections die without a word: nothing arrives any more, and what is sent vanishes.</summary>
    SilentDeath = 1 << 2,

    /// <summary>The server takes connections and drops them at once, or after the first acknowledgement.</summary>
    Kicks = 1 << 3,

    /// <summary>The server holds dead sessions for a while: OPSP8996.</summary>
    HeldSessions = 1 << 4,

    /// <summary>The server forgets approval keys, or does not know them at first: OPSP0011.</summary>
    KeyLoss = 1 << 5,

    /// <summary>Requests are refused, with every code.</summary>
    Refusals = 1 << 6,

    /// <summary>Refusals name neither TR ID nor key.</summary>
    NamelessRefusals = 1 << 7,

    /// <summary>Answers come late, and out of order.</summary>
    LateAnswers = 1 << 8,

    /// <summary>Acknowledgements come twice.</summary>
    DoubledAnswers = 1 << 9,

    /// <summary>Requests and answers get lost.</summary>
    LostAnswers = 1 << 10,

    /// <summary>Heartbeats get lost.</summary>
    LostHeartbeats = 1 << 11,

    /// <summary>Messages cannot be read, or only in part.</summary>
    Garbage = 1 << 12,

    /// <summary>Clocks jump: the wall clock to and fro, the monotonic clock forwards.</summary>
    ClockJumps = 1 << 13,

    /// <summary>Timers come a moment early or late, or although they were replaced.</summary>
    Timers = 1 << 14,

    /// <summary>Events of earlier connections arrive after a newer one exists.</summary>
    OldEvents = 1 << 15,

    /// <summary>The servers of the first session, and perhaps of others, hold fewer registrations than the client believes: OPSP0008.</summary>
    LowLimit = 1 << 16,

    /// <summary>The credentials of the last session are wrong.</summary>
    BadCredentials = 1 << 17,

    /// <summary>A session that stood is refused as a whole.</summary>
    SessionRefusals = 1 << 18,

    /// <summary>The shell itself fails, and ends a session for it.</summary>
    Failures = 1 << 19,
}

namespace KisFeed.Simulation.Plans;

/// <summary>The kinds of faults in a simulation.</summary>
[Flags]
internal enum SimulatedFaults
{
    None = 0,

    /// <summary>Connection attempts fail: the service is unreachable, rejects them, or limits their rate.</summary>
    FailedConnects = 1 << 0,

    /// <summary>The server closes connections before, during and after each step of a session.</summary>
    Drops = 1 << 1,

    /// <summary>Connections die without being closed: nothing arrives any more, and what is sent is lost.</summary>
    SilentLosses = 1 << 2,

    /// <summary>The server accepts connections and closes them immediately or after the first acknowledgement.</summary>
    Kicks = 1 << 3,

    /// <summary>The server holds dead sessions for a while: OPSP8996.</summary>
    HeldSessions = 1 << 4,

    /// <summary>The server loses approval keys, or does not know new ones at first: OPSP0011.</summary>
    KeyLoss = 1 << 5,

    /// <summary>Requests are refused, with any code.</summary>
    Refusals = 1 << 6,

    /// <summary>Refusals contain neither TR ID nor key.</summary>
    UnnamedRefusals = 1 << 7,

    /// <summary>Answers arrive late and out of order.</summary>
    LateAnswers = 1 << 8,

    /// <summary>Acknowledgements arrive twice.</summary>
    DuplicateAnswers = 1 << 9,

    /// <summary>Requests and answers get lost.</summary>
    LostAnswers = 1 << 10,

    /// <summary>Heartbeats get lost.</summary>
    LostHeartbeats = 1 << 11,

    /// <summary>Messages are invalid, completely or in part.</summary>
    Garbage = 1 << 12,

    /// <summary>Clocks jump: the wall clock in both directions, the monotonic clock forwards.</summary>
    ClockJumps = 1 << 13,

    /// <summary>Timers fire slightly early or late, or although they were replaced.</summary>
    Timers = 1 << 14,

    /// <summary>Events of an earlier connection arrive while a newer one exists.</summary>
    EarlierEvents = 1 << 15,

    /// <summary>
    /// The servers of the first session, and perhaps of others, allow fewer registrations than the client assumes: OPSP0008.
    /// </summary>
    LowLimit = 1 << 16,

    /// <summary>The credentials of the last session are wrong.</summary>
    BadCredentials = 1 << 17,

    /// <summary>An established session is refused as a whole.</summary>
    SessionRefusals = 1 << 18,

    /// <summary>The code around a session fails and ends the session.</summary>
    Failures = 1 << 19,

    /// <summary>The permission to use the app key ends, before or after the session is told. Only in plans with permits.</summary>
    StandDowns = 1 << 20,
}

/// <summary>Decides whether a fault occurs: according to the plan, until the faults are stopped.</summary>
internal sealed class Faults(SimulationPlan plan)
{
    private readonly SeededRandom _random = new(plan.Seed, 1);

    public bool HaveStopped { get; private set; }

    /// <summary>Whether a fault of this kind occurs now.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="weight">A factor for the probability.</param>
    public bool Occurs(SimulatedFaults kind, double weight = 1) => IsOn(kind) && _random.NextBool(plan.FaultProbability * weight);

    /// <summary>Whether faults of this kind can occur.</summary>
    public bool IsOn(SimulatedFaults kind) => !HaveStopped && (plan.Faults & kind) != SimulatedFaults.None;

    public void Stop() => HaveStopped = true;
}

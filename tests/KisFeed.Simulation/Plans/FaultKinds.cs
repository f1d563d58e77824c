namespace KisFeed.Simulation.Plans;

/// <summary>The kinds of faults in a simulation.</summary>
[Flags]
internal enum FaultKinds
{
    None = 0,

    /// <summary>Attempts fail: the service cannot be reached, rejects them, or asks for fewer.</summary>
    FailedDials = 1 << 0,

    /// <summary>The server ends connections: before, during and after each step of a session.</summary>
    Drops = 1 << 1,

    /// <summary>Connections die silently: nothing arrives any more, and what is sent is lost.</summary>
    SilentDeath = 1 << 2,

    /// <summary>The server accepts connections and drops them immediately, or after the first acknowledgement.</summary>
    Kicks = 1 << 3,

    /// <summary>The server keeps dead sessions for a while: OPSP8996.</summary>
    HeldSessions = 1 << 4,

    /// <summary>The server loses approval keys, or does not know them at first: OPSP0011.</summary>
    KeyLoss = 1 << 5,

    /// <summary>Requests are refused, with every code.</summary>
    Refusals = 1 << 6,

    /// <summary>Refusals contain neither TR ID nor key.</summary>
    NamelessRefusals = 1 << 7,

    /// <summary>Answers arrive late, and out of order.</summary>
    LateAnswers = 1 << 8,

    /// <summary>Acknowledgements arrive twice.</summary>
    DoubledAnswers = 1 << 9,

    /// <summary>Requests and answers get lost.</summary>
    LostAnswers = 1 << 10,

    /// <summary>Heartbeats get lost.</summary>
    LostHeartbeats = 1 << 11,

    /// <summary>Messages cannot be read, completely or in part.</summary>
    Garbage = 1 << 12,

    /// <summary>Clocks jump: the wall clock in both directions, the monotonic clock forwards.</summary>
    ClockJumps = 1 << 13,

    /// <summary>Timers fire slightly early or late, or although they were replaced.</summary>
    Timers = 1 << 14,

    /// <summary>Events of earlier connections arrive after a newer one exists.</summary>
    OldEvents = 1 << 15,

    /// <summary>The servers of the first session, and perhaps of others, allow fewer registrations than the client assumes: OPSP0008.</summary>
    LowLimit = 1 << 16,

    /// <summary>The credentials of the last session are wrong.</summary>
    BadCredentials = 1 << 17,

    /// <summary>An established session is refused as a whole.</summary>
    SessionRefusals = 1 << 18,

    /// <summary>The code around the sessions fails, and ends a session.</summary>
    Failures = 1 << 19,
}

/// <summary>Decides whether a fault happens now: according to the plan, until the faults stop.</summary>
internal sealed class Faults(SimulationPlan plan)
{
    private readonly Chance _chance = new(plan.Seed, 1);

    public bool HaveStopped { get; private set; }

    /// <summary>Whether a fault of this kind happens at this moment.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="weight">How much more or less likely it is than others.</param>
    public bool Occurs(FaultKinds kind, double weight = 1) => IsOn(kind) && _chance.Hits(plan.FaultProbability * weight);

    /// <summary>Whether faults of this kind happen at all.</summary>
    public bool IsOn(FaultKinds kind) => !HaveStopped && (plan.Faults & kind) != FaultKinds.None;

    public void Stop() => HaveStopped = true;
}

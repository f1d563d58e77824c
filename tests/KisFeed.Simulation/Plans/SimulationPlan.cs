using System.Globalization;
using KisFeed.Session;

namespace KisFeed.Simulation.Plans;

/// <summary>What a simulation consists of. A seed makes one; a failure is made smaller by changing it.</summary>
/// <remarks>
/// A refusal without a name, on a connection where answers also come late or twice, could be about any request, and no client could tell.
/// Where answers get lost, one that comes late could be about the request before or the one after. So a plan has one of three kinds of
/// trouble: nameless refusals and losses, answers that are late or doubled, or neither. Likewise, where requests are refused, answers come
/// so late only as they are still waited for, since a release that seems to have been answered by an older acknowledgement may in truth have
/// been refused; and only acknowledgements of registrations come twice. A machine that was suspended hears every answer late.
/// </remarks>
public sealed record SimulationPlan
{
    private const FaultKinds Unattributable = FaultKinds.NamelessRefusals | FaultKinds.LostAnswers;
    private const FaultKinds OutOfOrder = FaultKinds.LateAnswers | FaultKinds.DoubledAnswers;

    public required long Seed { get; init; }

    public required int Sessions { get; init; }

    /// <summary>Keys of each of the two market feeds.</summary>
    public required int Keys { get; init; }

    /// <summary>Registrations that a session may hold.</summary>
    public required int Limit { get; init; }

    /// <summary>Things that consumers do before the faults stop.</summary>
    public required int Steps { get; init; }

    /// <summary>The longest time between two steps; times are spread evenly over the orders of magnitude below it.</summary>
    public required TimeSpan LongestPause { get; init; }

    public required FaultKinds Faults { get; init; }

    /// <summary>How likely a fault is where one may happen.</summary>
    public required double Trouble { get; init; }

    public required TimeSpan HeartbeatInterval { get; init; }

    public required SessionSettings Settings { get; init; }

    /// <summary>What the sessions are held to; <see langword="null"/> for the policy that they are given. Another one shows that a breach is found.</summary>
    public ReconnectPolicy? Promised { get; init; }

    /// <summary>Whether an answer may come after its request was given up: see the remarks.</summary>
    public bool MayAnswersBeOverdue => (Faults & Unattributable) == FaultKinds.None && ((Faults & OutOfOrder) == FaultKinds.None || (Faults & FaultKinds.Refusals) == FaultKinds.None);

    /// <summary>The plan of a seed.</summary>
    public static SimulationPlan Of(long seed)
    {
        var chance = new Chance(seed, 0);
        var large = chance.Hits(0.04);
        var watchdog = TimeSpan.FromSeconds(chance.Of([120, 120, 60, 200]));
        var limit = large ? 41 : chance.Between(2, 8);
        var perMinute = chance.Of([150, 150, 30, 5]);
        return new SimulationPlan
        {
            Seed = seed,
            Sessions = chance.Of([1, 1, 2, 2, 3]),
            Keys = large ? chance.Between(20, 60) : chance.Between(2, 6),
            Limit = limit,
            Steps = large ? 120 : chance.Between(15, 70),
            LongestPause = TimeSpan.FromSeconds(chance.Of([1.0, 5, 20, 20, 120])),
            Faults = FaultsOf(chance),
            Trouble = chance.Hits(0.03) ? 0.7 : chance.Of([0.02, 0.05, 0.1, 0.25]),
            HeartbeatInterval = watchdog / chance.Of([2.5, 4]),
            Settings = new SessionSettings
            {
                MaxRegistrations = limit,
                ReplyTimeout = TimeSpan.FromSeconds(chance.Of([10, 10, 3])),
                RequestInterval = TimeSpan.FromMilliseconds(chance.Of([50, 50, 200, 1])),
                WatchdogTimeout = watchdog,
                JitterSeed = (int)(seed & int.MaxValue),
                Reconnect = PolicyOf(chance),
                NewRegistrationsPerMinute = perMinute,
                NewRegistrationsPerHour = perMinute * chance.Of([6, 6, 1]),
            },
        };
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {Seed}: {Sessions} session(s) of {Limit} registrations, {Keys} keys, {Steps} steps up to {LongestPause.TotalSeconds} s apart, trouble {Trouble}, faults: {Faults}");

    private static FaultKinds FaultsOf(Chance chance)
    {
        var faults = FaultKinds.None;
        var density = chance.Of([0.15, 0.3, 0.5]);
        foreach (var fault in Enum.GetValues<FaultKinds>())
        {
            // What ends a session for good leaves little else to happen.
            if (chance.Hits(fault is FaultKinds.BadCredentials or FaultKinds.SessionRefusals or FaultKinds.Failures ? 0.08 : density))
                faults |= fault;
        }

        return chance.Below(3) switch
        {
            0 => faults & ~OutOfOrder,
            1 when faults.HasFlag(FaultKinds.LateAnswers) && chance.Hits(0.5) => faults & ~Unattributable & ~FaultKinds.Refusals,
            1 => faults & ~Unattributable,
            _ => faults & ~OutOfOrder & ~Unattributable,
        };
    }

    private static ReconnectPolicy PolicyOf(Chance chance)
    {
        if (chance.Hits(0.03))
            return ReconnectPolicy.Never;
        return ReconnectPolicy.Default with
        {
            InitialDelay = TimeSpan.FromSeconds(chance.Of([1, 1, 0.2])),
            MaxDelay = TimeSpan.FromSeconds(chance.Of([60, 60, 5])),
            Jitter = chance.Of([0.5, 0, 1]),
            AttemptsPerMinute = chance.Of([6, 6, 3]),
            AttemptsPerHour = chance.Of([60, 60, 12]),
            MaxFailedConnections = chance.Of([10, 10, 4, 1000]),
        };
    }
}

using System.Globalization;
using KisFeed.Session;

namespace KisFeed.Simulation.Plans;

/// <summary>The parameters of a simulation. They are determined by a seed, and are reduced to shrink a failure.</summary>
/// <remarks>
/// A refusal that does not name its request, on a connection where answers also arrive late or twice, could answer any request; no client
/// could attribute it. If answers get lost, a late one could answer the previous or the next request. Therefore a plan has one of three
/// groups of faults: unattributable refusals and losses, late or duplicate answers, or neither. Likewise, if requests are refused, answers
/// arrive only while they are still awaited, because a release that seems to be answered by an older acknowledgement may have been refused,
/// and only acknowledgements of registrations arrive twice. A machine that was suspended receives every answer late.
/// </remarks>
internal sealed record SimulationPlan
{
    private const SimulatedFaults Unattributable = SimulatedFaults.UnnamedRefusals | SimulatedFaults.LostAnswers;
    private const SimulatedFaults OutOfOrder = SimulatedFaults.LateAnswers | SimulatedFaults.DuplicateAnswers;

    public required long Seed { get; init; }

    public required int Sessions { get; init; }

    /// <summary>Number of keys of each of the two market feeds.</summary>
    public required int Keys { get; init; }

    /// <summary>Maximum number of registrations of a session.</summary>
    public required int Limit { get; init; }

    /// <summary>Number of different priorities of subscribers.</summary>
    public required int Priorities { get; init; }

    /// <summary>Number of consumer actions before the faults stop.</summary>
    public required int Steps { get; init; }

    /// <summary>The longest time between two steps. Times are distributed evenly over the orders of magnitude below it.</summary>
    public required TimeSpan LongestPause { get; init; }

    public required SimulatedFaults Faults { get; init; }

    /// <summary>The probability of a fault at each point where one can occur.</summary>
    public required double FaultProbability { get; init; }

    public required TimeSpan HeartbeatInterval { get; init; }

    public required SessionSettings Settings { get; init; }

    /// <summary>
    /// The policy used by the checks; <see langword="null"/> for that of the sessions. A different one proves that violations are found.
    /// </summary>
    public ReconnectPolicy? CheckedPolicy { get; init; }

    /// <summary>Whether an answer may arrive after its request has timed out; see the remarks.</summary>
    public bool MayAnswersBeOverdue => (Faults & Unattributable) == SimulatedFaults.None
        && ((Faults & OutOfOrder) == SimulatedFaults.None || (Faults & SimulatedFaults.Refusals) == SimulatedFaults.None);

    /// <summary>The plan of a seed.</summary>
    public static SimulationPlan Of(long seed)
    {
        var random = new SeededRandom(seed, 0);
        var large = random.NextBool(0.04);
        var watchdog = TimeSpan.FromSeconds(random.Pick([120, 120, 60, 200]));
        var limit = large ? 41 : random.NextBetween(2, 8);
        var perMinute = random.Pick([150, 150, 30, 5]);

        // From numbers of its own, so that plans without permits stay as they were.
        var permits = new SeededRandom(seed, 9);
        var needsPermit = permits.NextBool(0.2);
        var priorities = new SeededRandom(seed, 12).Pick([1, 2, 3, 3, 10]);
        return new SimulationPlan
        {
            Seed = seed,
            Sessions = random.Pick([1, 1, 2, 2, 3]),
            Keys = large ? random.NextBetween(20, 60) : random.NextBetween(2, 6),
            Limit = limit,
            Priorities = priorities,
            Steps = large ? 120 : random.NextBetween(15, 70),
            LongestPause = TimeSpan.FromSeconds(random.Pick([1.0, 5, 20, 20, 120])),
            Faults = FaultsOf(random) | (needsPermit && permits.NextBool(0.8) ? SimulatedFaults.StandDowns : SimulatedFaults.None),
            FaultProbability = random.NextBool(0.03) ? 0.7 : random.Pick([0.02, 0.05, 0.1, 0.25]),
            HeartbeatInterval = watchdog / random.Pick([2.5, 4]),
            Settings = new SessionSettings
            {
                MaxRegistrations = limit,
                ReplyTimeout = TimeSpan.FromSeconds(random.Pick([10, 10, 3])),
                RequestInterval = TimeSpan.FromMilliseconds(random.Pick([50, 50, 200, 1])),
                WatchdogTimeout = watchdog,
                NeedsPermit = needsPermit,
                JitterSeed = (int)(seed & int.MaxValue),
                Reconnect = PolicyOf(random),
                NewRegistrationsPerMinute = perMinute,
                NewRegistrationsPerHour = perMinute * random.Pick([6, 6, 1]),
            },
        };
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {Seed}: {Sessions} session(s) of {Limit} registrations, {Keys} keys, {Priorities} priorities, {Steps} steps up to "
            + $"{LongestPause.TotalSeconds} s apart, fault probability {FaultProbability}, faults: {Faults}");

    private static SimulatedFaults FaultsOf(SeededRandom random)
    {
        var faults = SimulatedFaults.None;
        var density = random.Pick([0.15, 0.3, 0.5]);
        foreach (var fault in Enum.GetValues<SimulatedFaults>())
        {
            if (fault == SimulatedFaults.StandDowns)
                continue;

            // A fault that ends a session permanently prevents most others from occurring.
            if (random.NextBool(
                fault is SimulatedFaults.BadCredentials or SimulatedFaults.SessionRefusals or SimulatedFaults.Failures ? 0.08 : density))
            {
                faults |= fault;
            }
        }

        return random.Next(3) switch
        {
            0 => faults & ~OutOfOrder,
            1 when faults.HasFlag(SimulatedFaults.LateAnswers) && random.NextBool(0.5) =>
                faults & ~Unattributable & ~SimulatedFaults.Refusals,
            1 => faults & ~Unattributable,
            _ => faults & ~OutOfOrder & ~Unattributable,
        };
    }

    private static ReconnectPolicy PolicyOf(SeededRandom random)
    {
        if (random.NextBool(0.03))
            return ReconnectPolicy.Never;
        return ReconnectPolicy.Default with
        {
            InitialDelay = TimeSpan.FromSeconds(random.Pick([1, 1, 0.2])),
            MaxDelay = TimeSpan.FromSeconds(random.Pick([60, 60, 5])),
            Jitter = random.Pick([0.5, 0, 1]),
            AttemptsPerMinute = random.Pick([6, 6, 3]),
            AttemptsPerHour = random.Pick([60, 60, 12]),
            MaxRefusedDelay = TimeSpan.FromSeconds(random.Pick([600, 600, 60, 90])),
            GiveUpAfter = random.Pick<TimeSpan?>([null, null, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15)]),
        };
    }
}

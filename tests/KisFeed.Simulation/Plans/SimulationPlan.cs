using System.Globalization;
using KisFeed.Session;

namespace KisFeed.Simulation.Plans;

/// <summary>The parameters of a simulation. A seed determines them; changing them shrinks a failure.</summary>
/// <remarks>
/// A refusal without a name, on a connection where answers also arrive late or twice, could answer any request; no client could attribute it. If
/// answers get lost, a late one could answer the previous or the next request. Therefore a plan has one of three groups of faults: nameless refusals
/// and losses; late or doubled answers; or neither. Likewise, if requests are refused, answers arrive only while they are still awaited, because a
/// release that seems to be answered by an older acknowledgement may really have been refused; and only acknowledgements of registrations arrive
/// twice. A machine that was suspended receives every answer late.
/// </remarks>
internal sealed record SimulationPlan
{
    private const FaultKinds Unattributable = FaultKinds.NamelessRefusals | FaultKinds.LostAnswers;
    private const FaultKinds OutOfOrder = FaultKinds.LateAnswers | FaultKinds.DoubledAnswers;

    public required long Seed { get; init; }

    public required int Sessions { get; init; }

    /// <summary>Number of keys of each of the two market feeds.</summary>
    public required int Keys { get; init; }

    /// <summary>Maximum number of registrations of a session.</summary>
    public required int Limit { get; init; }

    /// <summary>Number of consumer actions before the faults stop.</summary>
    public required int Steps { get; init; }

    /// <summary>The longest time between two steps. Times are distributed evenly over the orders of magnitude below it.</summary>
    public required TimeSpan LongestPause { get; init; }

    public required FaultKinds Faults { get; init; }

    /// <summary>The probability of a fault where one can happen.</summary>
    public required double FaultProbability { get; init; }

    public required TimeSpan HeartbeatInterval { get; init; }

    public required SessionSettings Settings { get; init; }

    /// <summary>
    /// The policy that the checks use; <see langword="null"/> for that of the sessions. A different one shows that violations are found.
    /// </summary>
    public ReconnectPolicy? Promised { get; init; }

    /// <summary>Whether an answer may arrive after its request has timed out: see the remarks.</summary>
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
            FaultProbability = chance.Hits(0.03) ? 0.7 : chance.Of([0.02, 0.05, 0.1, 0.25]),
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
        $"seed {Seed}: {Sessions} session(s) of {Limit} registrations, {Keys} keys, {Steps} steps up to {LongestPause.TotalSeconds} s apart, fault probability {FaultProbability}, faults: {Faults}");

    private static FaultKinds FaultsOf(Chance chance)
    {
        var faults = FaultKinds.None;
        var density = chance.Of([0.15, 0.3, 0.5]);
        foreach (var fault in Enum.GetValues<FaultKinds>())
        {
            // A fault that ends a session permanently leaves little else to happen.
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

/// <summary>Random numbers from a seed. Each part of a simulation has its own, so that leaving one part out does not affect the others.</summary>
internal sealed class Chance
{
    private readonly Random _random;

    public Chance(long seed, int part)
    {
        // Neighbouring seeds must not produce similar numbers.
        var mixed = ((ulong)seed * 0x9E3779B97F4A7C15UL) + ((ulong)part * 0xBF58476D1CE4E5B9UL);
        mixed = (mixed ^ (mixed >> 31)) * 0x94D049BB133111EBUL;
        _random = new Random((int)(mixed >> 33));
    }

    /// <summary>Returns true with this probability.</summary>
    public bool Hits(double probability) => _random.NextDouble() < probability;

    public int Below(int end) => _random.Next(end);

    public int Between(int first, int last) => _random.Next(first, last + 1);

    public double Unit() => _random.NextDouble();

    public T Of<T>(IReadOnlyList<T> values) => values[_random.Next(values.Count)];

    public TimeSpan Milliseconds(int first, int last) => TimeSpan.FromMilliseconds(_random.Next(first, last + 1));

    public TimeSpan Seconds(double first, double last) => TimeSpan.FromMilliseconds(Math.Floor((first + ((last - first) * _random.NextDouble())) * 1000));
}

using System.Globalization;

namespace KisFeed.Coordination.Tests.Model;

/// <summary>The parameters of a simulated cluster. They are determined by a seed, and are reduced to shrink a failure.</summary>
internal sealed record ModelPlan
{
    public required long Seed { get; init; }

    /// <summary>App keys.</summary>
    public required int AppKeys { get; init; }

    /// <summary>Ingest processes for each app key; all but one are standbys.</summary>
    public required int Holders { get; init; }

    /// <summary>Whether each ingest process has all app keys. Otherwise each has one.</summary>
    public required bool SharedProcesses { get; init; }

    public required int Edges { get; init; }

    /// <summary>Keys that can be wanted.</summary>
    public required int Keys { get; init; }

    /// <summary>Registrations of a session.</summary>
    public required int Slots { get; init; }

    /// <summary>Steps before the faults stop.</summary>
    public required int Steps { get; init; }

    public required ModelFaults Faults { get; init; }

    /// <summary>The probability of a fault in a step.</summary>
    public required double FaultProbability { get; init; }

    public required CoordinationOptions Options { get; init; }

    public static ModelPlan Of(long seed)
    {
        var random = new ModelRandom(seed, 0);
        var isLarge = random.NextBool(0.01);
        var ttl = TimeSpan.FromSeconds(random.Pick([3, 3, 1, 5]));
        return new ModelPlan
        {
            Seed = seed,
            AppKeys = isLarge ? 3 : random.NextBetween(1, 3),
            Holders = random.NextBetween(1, 3),
            SharedProcesses = random.NextBool(0.3),
            Edges = isLarge ? 10 : random.NextBetween(1, 4),
            Keys = isLarge ? 150 : random.NextBetween(2, 12),
            Slots = isLarge ? 41 : random.NextBetween(1, 5),
            Steps = random.NextBetween(10, 40),
            Faults = FaultsOf(random),
            FaultProbability = random.Pick([0.1, 0.3, 0.6]),
            Options = new CoordinationOptions
            {
                LeaseTtl = ttl,
                OnStoreOutage = random.NextBool(0.15) ? StoreOutagePolicy.KeepSession : StoreOutagePolicy.StandDown,
                TakeoverDelay = ttl,
                FairDelay = TimeSpan.FromSeconds(random.Pick([3, 3, 0])),
                ReleaseGrace = TimeSpan.FromSeconds(random.Pick([30, 5, 0])),
                MinimumHold = TimeSpan.FromSeconds(random.Pick([10, 2, 0])),
                RefusalMemory = TimeSpan.FromSeconds(random.Pick([300, 20])),
                RetryDelay = TimeSpan.FromSeconds(random.Pick([30, 5])),
                Attempts = random.NextBool(0.3) ? new ClusterRateLimit(2, 20) : new ClusterRateLimit(6, 60),
                NewRegistrations = random.NextBool(0.3) ? new ClusterRateLimit(10, 60) : new ClusterRateLimit(150, 900),
            },
        };
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {Seed}: {AppKeys} app key(s) of {Slots} slots with {Holders} holder(s){(SharedProcesses ? " in shared processes" : "")}, "
            + $"{Edges} edge(s), {Keys} keys, {Steps} steps, fault probability {FaultProbability}, {Options.OnStoreOutage}, "
            + $"TTL {Options.LeaseTtl.TotalSeconds} s, grace {Options.ReleaseGrace.TotalSeconds} s, faults: {Faults}");

    private static ModelFaults FaultsOf(ModelRandom random)
    {
        var faults = ModelFaults.None;
        var density = random.Pick([0.2, 0.5, 0.8]);
        foreach (var fault in Enum.GetValues<ModelFaults>())
        {
            if (random.NextBool(density))
                faults |= fault;
        }

        return faults;
    }
}

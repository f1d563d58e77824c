using KisFeed.TestSupport;

namespace KisFeed.Coordination.Tests.Model;

/// <summary>
/// Leases and placement in virtual time: ingests, standbys, edges, a broker and a store with faults. <c>KISFEED_COORDINATION_SEED</c> runs
/// and prints one seed, <c>KISFEED_COORDINATION_SEEDS</c> is the number of seeds.
/// </summary>
public sealed class ModelTests(ITestOutputHelper output)
{
    private const int Parts = 4;
    private const int AllSeeds = 10_000;
    private const int FewSeeds = 400;

    /// <summary>In parts, because a test without a result for ten minutes counts as hanging.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(Parts - 1)]
    public void Every_seed_keeps_the_invariants(int part)
    {
        if (Environment.GetEnvironmentVariable("KISFEED_COORDINATION_SEED") is { Length: > 0 } single)
        {
            if (part == 0)
                RunTraced(long.Parse(single, System.Globalization.CultureInfo.InvariantCulture));
            return;
        }

        var all = Environment.GetEnvironmentVariable("KISFEED_COORDINATION_SEEDS") is { Length: > 0 } text
            ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
            : TestRun.IsFull
                ? AllSeeds
            : FewSeeds;
        var count = (all + Parts - 1) / Parts;
        var first = (TestRun.Seed * 1_000_000L) + (part * count);
        ModelResult? failure = null;
        long events = 0;
        for (var seed = first; seed < first + count && failure is null; seed++)
        {
            var result = ModelRun.Run(ModelPlan.Of(seed));
            events += result.Events;
            if (result.IsFailure)
                failure = result;
        }

        output.WriteLine($"{count} seeds from {first}, {events} events");
        (failure is null ? null : ModelShrinker.Report(failure)).ShouldBeNull();
    }

    [Fact]
    public void The_same_seed_runs_the_same_way() =>
        ModelRun.Run(ModelPlan.Of(7), isTraced: true).Trace.ShouldBe(ModelRun.Run(ModelPlan.Of(7), isTraced: true).Trace);

    /// <summary>Without the safety margin two sessions overlap, and the model notices.</summary>
    [Fact]
    public void Without_the_safety_margin_the_model_fails() =>
        FailureOf(plan => plan with { Options = plan.Options with { SafetyMargin = -0.2, OnStoreOutage = StoreOutagePolicy.StandDown } })
            .ShouldBe("one session");

    /// <summary>Keys that are taken from others without waiting are registered twice, and the model notices.</summary>
    [Fact]
    public void With_a_takeover_before_the_expiry_the_model_fails() =>
        FailureOf(plan => plan with
        {
            Options = plan.Options with { TakeoverDelay = -plan.Options.LeaseTtl / 2, OnStoreOutage = StoreOutagePolicy.StandDown },
        })
            .ShouldBe("registered once");

    private void RunTraced(long seed)
    {
        var result = ModelRun.Run(ModelPlan.Of(seed), isTraced: true);
        output.WriteLine(string.Join('\n', result.Trace.Prepend($"{result.Plan}")));
        result.IsFailure.ShouldBeFalse(result.Message);
    }

    private static string? FailureOf(Func<ModelPlan, ModelPlan> change)
    {
        for (var seed = 1; seed < 2_000; seed++)
        {
            if (ModelRun.Run(change(ModelPlan.Of(seed))) is { IsFailure: true } failure)
                return failure.Invariant;
        }

        return null;
    }
}

using KisFeed.Simulation;
using KisFeed.Simulation.Plans;
using KisFeed.Simulation.Running;

namespace KisFeed.Tests.Session;

/// <summary>Sessions against a modelled broker in virtual time, with all faults; see tests/KisFeed.Simulation.</summary>
public sealed class SimulationTests
{
    private const int Seeds = 20_000;

    [Fact]
    public void The_invariants_hold_for_random_seeds()
    {
        var replayedSeed = Environment.GetEnvironmentVariable("KISFEED_SESSION_SEED");
        var (from, count) = replayedSeed is null ? (1, TestRun.Of(Seeds)) : (long.Parse(replayedSeed, CultureInfo.InvariantCulture), 1);
        var run = new SeedRun();

        var failure = run.Run(from, count, CancellationToken.None);

        if (failure is not null)
            Assert.Fail($"KISFEED_SESSION_SEED={failure.Plan.Seed} runs this seed alone.\n{FailureReport.Of(failure)}");
        run.Seeds.ShouldBe(count);
    }

    [Fact]
    public void The_same_seed_produces_the_same_trace()
    {
        for (var seed = 1; seed <= 30; seed++)
        {
            var trace = SimulationRun.Run(SimulationPlan.Of(seed), isTraced: true).Trace;
            trace.ShouldNotBeEmpty();
            SimulationRun.Run(SimulationPlan.Of(seed), isTraced: true).Trace.ShouldBe(trace);
        }
    }

    [Fact]
    public void A_seed_combines_only_faults_that_can_be_distinguished()
    {
        for (var seed = 1; seed <= 1_000; seed++)
        {
            var faults = SimulationPlan.Of(seed).Faults;
            var isUnattributable = (faults & (SimulatedFaults.UnnamedRefusals | SimulatedFaults.LostAnswers)) != SimulatedFaults.None;
            var isOutOfOrder = (faults & (SimulatedFaults.LateAnswers | SimulatedFaults.DuplicateAnswers)) != SimulatedFaults.None;
            (isUnattributable && isOutOfOrder).ShouldBeFalse($"seed {seed}");
        }
    }

    [Fact]
    public void A_violated_invariant_is_reported_with_its_seed_and_a_short_trace()
    {
        var failure = Enumerable.Range(1, 2_000).Select(seed => SimulationRun.Run(Strict(SimulationPlan.Of(seed)))).First(r => r.IsFailure);

        failure.Invariant.ShouldBe("attempt budget");
        var report = FailureReport.Of(failure);
        report.ShouldContain($"--seed {failure.Plan.Seed} --trace");
        report.ShouldContain("connects, attempt 3");

        // Violates the invariant: the sessions may make two attempts per minute, but make three.
        static SimulationPlan Strict(SimulationPlan plan) =>
            plan with { CheckedPolicy = plan.Settings.Reconnect with { AttemptsPerMinute = 2 } };
    }

    [Fact]
    public void A_failure_is_reduced_while_the_same_invariant_fails()
    {
        var plan = SimulationPlan.Of(1) with
        {
            Sessions = 3,
            Keys = 6,
            Steps = 60,
            Faults = SimulatedFaults.Drops | SimulatedFaults.Kicks | SimulatedFaults.Garbage,
        };
        var shortest = new Shrinker(Run).Shrink(Run(plan));

        shortest.Plan.Faults.ShouldBe(SimulatedFaults.Kicks);
        shortest.Plan.Sessions.ShouldBe(2);
        shortest.Plan.Steps.ShouldBe(7);

        // Another invariant fails without the fault, and none fails with too few steps.
        static SimulationResult Run(SimulationPlan plan)
        {
            var invariant = plan.Steps < 7 || plan.Sessions < 2 ? null : plan.Faults.HasFlag(SimulatedFaults.Kicks) ? "this" : "another";
            return new SimulationResult(plan, plan.Steps, invariant, invariant, []);
        }
    }
}

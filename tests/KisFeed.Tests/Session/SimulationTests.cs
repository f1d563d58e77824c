using System.Globalization;
using KisFeed.Simulation;
using KisFeed.Simulation.Plans;
using KisFeed.Simulation.Running;
using KisFeed.Testing;

namespace KisFeed.Tests.Session;

/// <summary>The sessions against a modelled broker, in virtual time, with all faults: see tests/KisFeed.Simulation.</summary>
public sealed class SimulationTests
{
    private const int Seeds = 20_000;

    [Fact]
    public void Whatever_happens_the_invariants_hold()
    {
        var only = Environment.GetEnvironmentVariable("KISFEED_SESSION_SEED");
        var (from, count) = only is null ? (1, TestRun.Of(Seeds)) : (long.Parse(only, CultureInfo.InvariantCulture), 1);
        var run = new SeedRun();

        var failure = run.Run(from, count, CancellationToken.None);

        if (failure is not null)
            Assert.Fail($"KISFEED_SESSION_SEED={failure.Plan.Seed} runs this seed alone.\n{FailureReport.Of(failure)}");
        run.Seeds.ShouldBe(count);
    }

    [Fact]
    public void The_same_seed_is_the_same_course_of_events()
    {
        for (var seed = 1; seed <= 30; seed++)
        {
            var trace = SimulationRun.Run(SimulationPlan.Of(seed), isTraced: true).Trace;
            trace.ShouldNotBeEmpty();
            SimulationRun.Run(SimulationPlan.Of(seed), isTraced: true).Trace.ShouldBe(trace);
        }
    }

    [Fact]
    public void A_seed_has_faults_that_can_be_told_apart()
    {
        for (var seed = 1; seed <= 1_000; seed++)
        {
            var faults = SimulationPlan.Of(seed).Faults;
            var isUnattributable = (faults & (FaultKinds.NamelessRefusals | FaultKinds.LostAnswers)) != FaultKinds.None;
            var isOutOfOrder = (faults & (FaultKinds.LateAnswers | FaultKinds.DoubledAnswers)) != FaultKinds.None;
            (isUnattributable && isOutOfOrder).ShouldBeFalse($"seed {seed}");
        }
    }

    [Fact]
    public void A_breach_is_found_and_reported_with_its_seed_and_a_short_trace()
    {
        var failure = Enumerable.Range(1, 2_000).Select(seed => SimulationRun.Run(Strict(SimulationPlan.Of(seed)))).First(r => r.IsFailure);

        failure.Invariant.ShouldBe("attempt budget");
        var report = FailureReport.Of(failure);
        report.ShouldContain($"--seed {failure.Plan.Seed} --trace");
        report.ShouldContain("connects, attempt 3");

        // Sessions that may make two attempts per minute, but make three.
        static SimulationPlan Strict(SimulationPlan plan) => plan with { Promised = plan.Settings.Reconnect with { AttemptsPerMinute = 2 } };
    }

    [Fact]
    public void A_failure_is_made_smaller_as_long_as_it_is_the_same()
    {
        var plan = SimulationPlan.Of(1) with { Sessions = 3, Keys = 6, Steps = 60, Faults = FaultKinds.Drops | FaultKinds.Kicks | FaultKinds.Garbage };
        var shortest = new Shrinker(Run).Shrink(Run(plan));

        shortest.Plan.Faults.ShouldBe(FaultKinds.Kicks);
        shortest.Plan.Sessions.ShouldBe(2);
        shortest.Plan.Steps.ShouldBe(7);

        // Another invariant fails without faults, and none fails with few steps.
        static SimulationResult Run(SimulationPlan plan)
        {
            var invariant = plan.Steps < 7 || plan.Sessions < 2 ? null : plan.Faults.HasFlag(FaultKinds.Kicks) ? "this" : "another";
            return new SimulationResult(plan, plan.Steps, invariant, invariant, []);
        }
    }
}

using KisFeed.Cli.Watching;

namespace KisFeed.Cli.Tests.Watching;

public sealed class SessionStatusReporterTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    private readonly SessionStatusReporter _reporter = new(TimeProvider.System, 1);

    [Fact]
    public void A_first_successful_connection_is_not_reported() =>
        Update(
            _reporter, Status(SessionPhase.Connecting, 0), Status(SessionPhase.Open, 1), Status(SessionPhase.Open, 1, confirmed: 1),
            Status(SessionPhase.Ended, 1))
            .ShouldBeEmpty();

    [Fact]
    public void Each_loss_and_each_failed_attempt_is_reported_once() =>
        Update(
            _reporter,
            Status(SessionPhase.Open, 1, confirmed: 2),
            Status(SessionPhase.Waiting, 1, 1, "it broke", next: null),
            Status(SessionPhase.Waiting, 1, 1, "it broke.", next: 1.2),
            Status(SessionPhase.Waiting, 1, 1, "it broke", next: 1.1),
            Status(SessionPhase.Connecting, 1, 1, "it broke"),
            Status(SessionPhase.Waiting, 1, 2, "no answer", next: 2.9))
            .ShouldBe(["connection lost: it broke; next attempt in 2 s", "no connection: no answer; next attempt in 3 s"]);

    [Fact]
    public void A_connection_is_restored_once_a_registration_is_confirmed()
    {
        Update(_reporter, Status(SessionPhase.Waiting, 1, 1, "it broke", next: 1)).Length.ShouldBe(1);
        Update(_reporter, Status(SessionPhase.Open, 2)).ShouldBeEmpty();
        Update(_reporter, Status(SessionPhase.Waiting, 2, 2, "OPSP8996", next: 30))
            .ShouldBe(["connection lost: OPSP8996; next attempt in 30 s"]);
        Update(_reporter, Status(SessionPhase.Open, 3, confirmed: 1)).ShouldHaveSingleItem().ShouldStartWith("connected again after ");
        Update(_reporter, Status(SessionPhase.Open, 3, confirmed: 2)).ShouldBeEmpty();
    }

    [Fact]
    public void A_first_connection_after_several_attempts_is_reported()
    {
        Update(_reporter, Status(SessionPhase.Waiting, 0, 1, "refused", next: 200))
            .ShouldBe(["no connection: refused; next attempt in 4 min"]);
        Update(_reporter, Status(SessionPhase.Open, 1, confirmed: 1)).ShouldHaveSingleItem().ShouldStartWith("connected after ");
    }

    [Fact]
    public void A_loss_that_was_over_before_it_was_seen_is_reported_once()
    {
        Update(_reporter, Status(SessionPhase.Open, 2), Status(SessionPhase.Open, 2, confirmed: 1))
            .ShouldBe(["connected again after a lost connection"]);
        Update(_reporter, Status(SessionPhase.Open, 2, confirmed: 2)).ShouldBeEmpty();
        Update(_reporter, Status(SessionPhase.Open, 4, confirmed: 2)).ShouldBe(["connected again after a lost connection"]);
    }

    [Fact]
    public void The_end_of_the_last_session_is_not_reported() =>
        Update(_reporter, Status(SessionPhase.Halted, 1, 1, "no more")).ShouldBeEmpty();

    [Fact]
    public void With_several_sessions_each_is_named_and_its_end_is_reported()
    {
        var reporter = new SessionStatusReporter(TimeProvider.System, 2);

        Update(
            reporter,
            Status(SessionPhase.Open, 1, confirmed: 1),
            Status(SessionPhase.Waiting, 1, 1, "it broke", next: 1) with { Name = "second" },
            Status(SessionPhase.Halted, 1, 1, "wrong key") with { Name = "second" },
            Status(SessionPhase.Halted, 1, 1, "wrong key") with { Name = "second" },
            Status(SessionPhase.Halted, 1, 1, "wrong key as well")).ShouldBe(
            ["app key second: connection lost: it broke; next attempt in 1 s", "app key second: not reconnecting: wrong key"]);
    }

    [Fact]
    public void A_session_without_registrations_is_not_reported() =>
        Update(_reporter, Status(SessionPhase.Idle, 1, 1, "it broke")).ShouldBeEmpty();

    private static string[] Update(SessionStatusReporter reporter, params SessionStatus[] statuses) =>
        [.. statuses.Select(reporter.Update).OfType<StatusMessage>().Select(b => b.At(s_now))];

    private static SessionStatus Status(
        SessionPhase phase, long connections, int failures = 0, string? problem = null, double? next = null, int confirmed = 0) =>
        new()
        {
            Name = "1",
            Phase = phase,
            Desired = 2,
            Confirmed = confirmed,
            Slots = 41,
            Connections = connections,
            Failures = failures,
            NextAttemptAt = next is { } seconds ? s_now.AddSeconds(seconds) : null,
            Problem = problem,
        };
}

using KisFeed.Feeds;
using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed.Tests.Session;

/// <summary>How a session reconnects after a loss, and when it does not.</summary>
public sealed class ReconnectTests
{
    private const string NoticeKey = "abcdefghijklmnopabcdefghijklmnop";
    private const string Iv = "0123456789abcdef";
    private const string Data = "0|H0UPCNT0|001|0001^092237^1^2^3^4^5^6^7^8^9^10^11^12^13^2^15^2^17^2^19^20^21^22^23^24^25^26^27^28";
    private static readonly FeedSchema s_index = IndexTrade.Feed.Schema;
    private static readonly FeedSchema s_notice = OrderNotice.Feed.Schema;
    private static readonly ReconnectPolicy s_steady = new() { Jitter = 0 };

    [Fact]
    public void What_was_subscribed_to_is_restored_notices_first_and_paced()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady }).Open();
        var index = driver.SubscribeAndConfirm(s_index, "0001");
        var notice = driver.SubscribeAndConfirm(s_notice, "HTSID", NoticeKey, Iv);
        driver.Receive(Data);
        driver.Actions.Clear();

        driver.Drop();
        driver.Actions.Log.ShouldBe(["interrupted H0UPCNT0:0001 ConnectionLost", "interrupted H0IFCNI0:HTSID ConnectionLost", "lost Closed"]);
        notice.Cipher.ShouldBeNull("its key belongs to the connection that is gone");
        (index.IsConfirmed, notice.IsConfirmed).ShouldBe((false, false));
        driver.PassUntilAttempt().ShouldBe(TimeSpan.FromSeconds(1));
        driver.Actions.Clear();
        driver.Connect();
        driver.Actions.LastRequest.TrKey.ShouldBe("HTSID");
        var sent = driver.Actions.Sent.Count;
        driver.Acknowledge("H0IFCNI0", "HTSID", noticeKey: NoticeKey, iv: Iv);
        driver.Actions.Sent.Count.ShouldBe(sent, "requests are paced");
        driver.Pass();
        driver.Actions.LastRequest.TrKey.ShouldBe("0001");
        driver.Acknowledge("H0UPCNT0", "0001");
        driver.Actions.Log.ShouldBe(["connected", "confirmed H0IFCNI0:HTSID", "confirmed H0UPCNT0:0001"]);
        notice.Cipher.ShouldNotBeNull();
    }

    [Fact]
    public void Delays_grow_to_their_limit_and_start_over_only_when_data_arrive()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady with { MaxFailedConnections = 100, AttemptsPerMinute = 100 } }).Open();
        driver.SubscribeAndConfirm(s_index, "0001");
        double[] delays = [.. Enumerable.Range(0, 8).Select(_ => DelayAfterDrop())];
        delays.ShouldBe([1, 2, 4, 8, 16, 32, 60, 60]);

        driver.Receive("""{"header":{"tr_id":"PINGPONG"}}""");
        DelayAfterDrop().ShouldBe(60, "a heartbeat is not data");
        driver.Receive(Data);
        DelayAfterDrop().ShouldBe(1);

        double DelayAfterDrop()
        {
            driver.Drop();
            var delay = driver.PassUntilAttempt().TotalSeconds;
            driver.Connect();
            driver.Acknowledge("H0UPCNT0", "0001");
            return delay;
        }
    }

    [Fact]
    public void Jitter_adds_to_a_delay_and_takes_nothing_away()
    {
        var delays = Enumerable.Range(0, 200).Select(seed =>
        {
            var driver = new SessionDriver(new SessionSettings { JitterSeed = seed, Reconnect = new ReconnectPolicy { Jitter = 0.5 } }).Open();
            driver.SubscribeAndConfirm(s_index, "0001");
            driver.Drop();
            return driver.PassUntilAttempt().TotalSeconds;
        }).ToArray();
        delays.Min().ShouldBeInRange(1, 1.05);
        delays.Max().ShouldBeInRange(1.45, 1.5);
    }

    [Fact]
    public void A_service_that_accepts_and_kicks_ends_in_an_open_circuit_within_the_budget()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = new ReconnectPolicy { Jitter = 0 } });
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now);
        var start = driver.Now;
        List<TimeSpan> attempts = [];
        while (driver.Machine.Phase != SessionPhase.Halted)
        {
            driver.PassUntilAttempt();
            attempts.Add(driver.Now);
            driver.Connect();
            driver.Drop();
        }

        attempts.Count.ShouldBe(10);
        (driver.Now - start).ShouldBeLessThan(TimeSpan.FromMinutes(10));
        foreach (var attempt in attempts)
            attempts.Count(a => a > attempt - TimeSpan.FromMinutes(1) && a <= attempt).ShouldBeLessThanOrEqualTo(6);
        driver.Machine.HaltReason.ShouldBe(HaltReason.Fruitless);
        driver.Actions.Log[^2..].ShouldBe(["halted Fruitless", "refused H0UPCNT0:0001 SessionHalted"]);
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now).ShouldBeNull();
        driver.Pass(100_000_000);
        driver.Machine.Connection.ShouldBe(10, "an open circuit makes no attempt");
    }

    [Fact]
    public void A_service_out_of_reach_is_tried_for_ever_but_within_the_budget()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady with { MaxDelay = TimeSpan.FromSeconds(1) } });
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now);
        var start = driver.Now;
        List<TimeSpan> attempts = [];
        while (driver.Now - start < TimeSpan.FromHours(5))
        {
            driver.PassUntilAttempt();
            attempts.Add(driver.Now);
            driver.Machine.ConnectFailed(driver.Machine.Connection, ConnectFailure.Unreachable, driver.Now);
        }

        driver.Machine.Phase.ShouldBe(SessionPhase.Waiting);
        attempts.Count.ShouldBeInRange(295, 301, "60 an hour");
        foreach (var attempt in attempts)
        {
            attempts.Count(a => a > attempt - TimeSpan.FromMinutes(1) && a <= attempt).ShouldBeLessThanOrEqualTo(6);
            attempts.Count(a => a > attempt - TimeSpan.FromHours(1) && a <= attempt).ShouldBeLessThanOrEqualTo(60);
        }
    }

    [Fact]
    public void A_connection_that_stood_long_without_data_is_not_held_against_the_service()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady, WatchdogTimeout = TimeSpan.FromHours(1) });
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now);
        for (var i = 0; i < 50; i++)
        {
            driver.PassUntilAttempt();
            driver.Connect();
            driver.Acknowledge("H0UPCNT0", "0001");
            driver.Pass(300_000);
            driver.Drop();
        }

        driver.Machine.Phase.ShouldBe(SessionPhase.Waiting);
    }

    [Fact]
    public void Wrong_credentials_open_the_circuit_at_once()
    {
        var driver = new SessionDriver();
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now);
        driver.Machine.ConnectFailed(1, ConnectFailure.BadCredentials, driver.Now);
        driver.Actions.Log.ShouldBe(["connect 1", "halted BadCredentials", "refused H0UPCNT0:0001 SessionHalted"]);
    }

    [Fact]
    public void A_service_that_wants_fewer_requests_is_left_alone_for_a_minute()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady });
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now);
        driver.Machine.ConnectFailed(1, ConnectFailure.TooManyRequests, driver.Now);
        driver.PassUntilAttempt().ShouldBe(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void An_approval_key_that_is_not_known_is_issued_anew_once_and_then_with_growing_delays_until_the_circuit_opens()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady }).Open(isKeyFresh: false);
        driver.Subscribe(s_index, "0001");
        driver.RefuseWithoutHeader("OPSP0011");
        driver.Actions.Log.ShouldBe(["disconnect 1", "lost Refused OPSP0011", "connect 2 fresh"], "at once, since a kept key may have expired");
        List<double> delays = [];
        for (var i = 0; i < 3; i++)
        {
            driver.Connect();
            driver.RefuseWithoutHeader("OPSP0011");
            if (i < 2)
                delays.Add(driver.PassUntilAttempt().TotalSeconds);
        }

        delays.ShouldBe([1, 2]);
        driver.Machine.HaltReason.ShouldBe(HaltReason.ApprovalKeyRefused);
    }

    [Fact]
    public void An_app_key_in_use_is_waited_for_with_a_schedule_of_its_own_and_then_given_up()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady });
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now);
        List<double> delays = [];
        var start = driver.Now;
        while (driver.Machine.Phase != SessionPhase.Halted)
        {
            driver.Connect();
            driver.RefuseWithoutHeader("OPSP8996");
            if (driver.Machine.Phase == SessionPhase.Waiting)
                delays.Add(driver.PassUntilAttempt().TotalSeconds);
        }

        delays.ShouldBe([30, 60, 120, 120, 120, 120, 120]);
        driver.Machine.HaltReason.ShouldBe(HaltReason.AppKeyInUse);
        (driver.Now - start).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void A_dead_session_that_is_released_in_time_is_followed_by_a_new_one()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady }).Open();
        driver.SubscribeAndConfirm(s_index, "0001");
        driver.Drop();
        for (var i = 0; i < 3; i++)
        {
            driver.PassUntilAttempt();
            driver.Connect();
            driver.RefuseWithoutHeader("OPSP8996");
        }

        driver.PassUntilAttempt();
        driver.Connect();
        driver.Acknowledge("H0UPCNT0", "0001");
        driver.Machine.Registrations.Single().IsConfirmed.ShouldBeTrue();
        driver.Actions.Log.Count(l => l.StartsWith("interrupted", StringComparison.Ordinal)).ShouldBe(1, "one gap, however many attempts it took");
    }

    [Fact]
    public void A_refusal_of_one_restores_the_rest()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady }).Open();
        foreach (var key in new[] { "0001", "1001", "2001" })
            driver.SubscribeAndConfirm(s_index, key);
        driver.Drop();
        driver.PassUntilAttempt();
        driver.Connect();
        driver.Acknowledge("H0UPCNT0", "0001");
        driver.Pass();
        driver.Acknowledge("H0UPCNT0", "1001", "OPSP8992");
        driver.Pass();
        driver.Acknowledge("H0UPCNT0", "2001");
        driver.Actions.Log.Contains("refused H0UPCNT0:1001 Server OPSP8992", StringComparer.Ordinal).ShouldBeTrue();
        driver.Machine.Registrations.Where(r => r.IsConfirmed).Select(r => r.Key).ShouldBe(["0001", "2001"]);
    }

    [Fact]
    public void What_could_not_be_restored_just_now_is_tried_again_later_and_in_the_end_refused()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady }).Open();
        driver.SubscribeAndConfirm(s_index, "0001");
        driver.Drop();
        driver.PassUntilAttempt();
        driver.Connect();
        List<double> delays = [];
        while (driver.Machine.Registrations.Count > 0)
        {
            var sent = driver.Actions.Sent.Count;
            driver.Acknowledge("H0UPCNT0", "0001", "OPSP0007");
            var refusedAt = driver.Now;
            while (driver.Machine.Registrations.Count > 0 && driver.Actions.Sent.Count == sent)
            {
                driver.Pass(1000);
                driver.Receive("""{"header":{"tr_id":"PINGPONG"}}""");
                sent++;
            }

            delays.Add((driver.Now - refusedAt).TotalSeconds);
        }

        delays[..^1].ShouldBe([1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        driver.Actions.Log[^1].ShouldBe("refused H0UPCNT0:0001 Server OPSP0007");
    }

    [Fact]
    public void A_subscription_asked_for_while_disconnected_waits_and_one_cancelled_leaves_no_ghost()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady }).Open();
        driver.SubscribeAndConfirm(s_index, "0001");
        driver.Drop();
        var waiting = driver.Subscribe(s_index, "1001");
        var cancelled = driver.Subscribe(s_index, "2001");
        driver.Unsubscribe(cancelled);
        driver.PassUntilAttempt();
        var dialling = driver.Subscribe(s_index, "3001");
        driver.Actions.Sent.Clear();
        driver.Connect();
        foreach (var key in new[] { "0001", "1001", "3001" })
        {
            driver.Acknowledge("H0UPCNT0", key);
            driver.Pass();
        }

        driver.Actions.Sent.Count.ShouldBe(3);
        (waiting.IsConfirmed, dialling.IsConfirmed).ShouldBe((true, true));
        driver.Actions.Log.Contains("released H0UPCNT0:2001", StringComparer.Ordinal).ShouldBeTrue();
        driver.Machine.Registrations.Select(r => r.Key).ShouldBe(["0001", "1001", "3001"]);
    }

    [Fact]
    public void Without_anything_wanted_nothing_is_connected_to_and_coming_back_does_not_shorten_a_delay()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady }).Open();
        driver.Drop();
        driver.Machine.Phase.ShouldBe(SessionPhase.Idle);
        driver.Pass(500);
        driver.Subscribe(s_index, "0001");
        driver.PassUntilAttempt().TotalSeconds.ShouldBe(0.5);
    }

    [Fact]
    public void Events_of_an_earlier_connection_change_nothing()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady }).Open();
        driver.SubscribeAndConfirm(s_index, "0001");
        driver.Drop();
        driver.PassUntilAttempt();
        driver.Machine.Opened(1, "old", true, driver.Now);
        driver.Machine.ConnectFailed(1, ConnectFailure.BadCredentials, driver.Now);
        driver.Machine.Phase.ShouldBe(SessionPhase.Connecting);
        driver.Connect();
        driver.Machine.Closed(1, driver.Now);
        driver.Machine.TextReceived(1, System.Text.Encoding.UTF8.GetBytes(Data), SessionDriver.ReceivedAt, driver.Now);
        driver.Machine.Phase.ShouldBe(SessionPhase.Open);
        driver.Actions.Delivered.ShouldBeEmpty();
    }

    [Fact]
    public void A_silent_connection_is_given_up_and_replaced()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady, WatchdogTimeout = TimeSpan.FromSeconds(5) }).Open();
        driver.SubscribeAndConfirm(s_index, "0001");
        driver.Receive(Data);
        driver.Pass(4_000);
        driver.Receive("""{"header":{"tr_id":"PINGPONG"}}""");
        driver.Actions.Clear();
        driver.Pass(4_000);
        driver.Actions.Log.ShouldBeEmpty("a heartbeat is a sign of life");
        driver.Actions.Timer.ShouldBe(driver.Now + TimeSpan.FromSeconds(1));
        driver.Pass(1_000);
        driver.Actions.Log.ShouldBe(["disconnect 1 dead", "interrupted H0UPCNT0:0001 Silence", "lost Silence"]);
        driver.PassUntilAttempt().ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Connections_that_all_stay_silent_open_the_circuit()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady, WatchdogTimeout = TimeSpan.FromSeconds(5) });
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now);
        while (driver.Machine.Phase != SessionPhase.Halted)
        {
            driver.PassUntilAttempt();
            driver.Connect();
            driver.Pass(5_000);
        }

        driver.Machine.HaltReason.ShouldBe(HaltReason.Silent);
    }

    [Fact]
    public void Sessions_that_follow_each_other_share_a_budget()
    {
        var budget = new RateBudget(2, 10);
        budget.TryAcquire(TimeSpan.FromSeconds(0), out _).ShouldBeTrue();
        budget.TryAcquire(TimeSpan.FromSeconds(10), out _).ShouldBeTrue();
        budget.TryAcquire(TimeSpan.FromSeconds(20), out var allowedAt).ShouldBeFalse();
        allowedAt.ShouldBe(TimeSpan.FromSeconds(60));
        budget.NextAt(TimeSpan.FromSeconds(65)).ShouldBe(TimeSpan.FromSeconds(65));
        budget.TryAcquire(TimeSpan.FromSeconds(60), out _).ShouldBeTrue();
        budget.TryAcquire(TimeSpan.FromSeconds(60), out allowedAt).ShouldBeFalse();
        allowedAt.ShouldBe(TimeSpan.FromSeconds(70));
    }
}

using KisFeed.Session;

namespace KisFeed.Tests.Session;

/// <summary>
/// When and how a session reconnects after a loss, and when it stops. A session keeps trying unless its policy says for how long.
/// </summary>
public sealed class ReconnectTests
{
    private const string NoticeKey = "abcdefghijklmnopabcdefghijklmnop";
    private const string Iv = "0123456789abcdef";
    private const string Data = "0|H0UPCNT0|001|0001^092237^1^2^3^4^5^6^7^8^9^10^11^12^13^2^15^2^17^2^19^20^21^22^23^24^25^26^27^28";
    private static readonly FeedSchema s_index = IndexTrade.Feed.Schema;
    private static readonly FeedSchema s_notice = OrderNotice.Feed.Schema;
    private static readonly ReconnectPolicy s_steady = new() { Jitter = 0 };

    [Fact]
    public void Registrations_are_restored_with_notices_first_and_paced()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady }).Open();
        var index = driver.SubscribeAndConfirm(s_index, "0001");
        var notice = driver.SubscribeAndConfirm(s_notice, "HTSID", NoticeKey, Iv);
        driver.Receive(Data);
        driver.Actions.Clear();

        driver.Drop();
        driver.Actions.Log.ShouldBe(
            ["interrupted H0UPCNT0:0001 ConnectionLost", "interrupted H0IFCNI0:HTSID ConnectionLost", "lost Closed"]);
        notice.Cipher.ShouldBeNull("its key belongs to the lost connection");
        (index.IsConfirmed, notice.IsConfirmed).ShouldBe((false, false));
        driver.AdvanceToNextAttempt().ShouldBe(TimeSpan.FromSeconds(1));
        driver.Actions.Clear();
        driver.Connect();
        driver.Actions.LastRequest.TrKey.ShouldBe("HTSID");
        var sent = driver.Actions.Sent.Count;
        driver.Acknowledge("H0IFCNI0", "HTSID", noticeKey: NoticeKey, iv: Iv);
        driver.Actions.Sent.Count.ShouldBe(sent, "requests are paced");
        driver.Advance();
        driver.Actions.LastRequest.TrKey.ShouldBe("0001");
        driver.Acknowledge("H0UPCNT0", "0001");
        driver.Actions.Log.ShouldBe(["connected", "confirmed H0IFCNI0:HTSID", "confirmed H0UPCNT0:0001"]);
        notice.Cipher.ShouldNotBeNull();
    }

    [Fact]
    public void Delays_grow_up_to_a_limit_and_are_reset_only_by_data()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady with { AttemptsPerMinute = 100 } }).Open();
        driver.SubscribeAndConfirm(s_index, "0001");
        double[] delays = [.. Enumerable.Range(0, 11).Select(_ => DelayAfterDrop())];
        delays.ShouldBe([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600]);

        driver.Receive("""{"header":{"tr_id":"PINGPONG"}}""");
        DelayAfterDrop().ShouldBe(600, "a heartbeat is not data");
        driver.Receive(Data);
        DelayAfterDrop().ShouldBe(1);

        double DelayAfterDrop()
        {
            driver.Drop();
            var delay = driver.AdvanceToNextAttempt().TotalSeconds;
            driver.Connect();
            driver.Acknowledge("H0UPCNT0", "0001");
            return delay;
        }
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\0")]
    public void A_message_that_ends_in_a_line_end_or_a_NUL_is_a_message(string end)
    {
        var driver = new SessionDriver().Open();
        var registration = driver.Subscribe(s_index, "0001");
        driver.Receive("""{"header":{"tr_id":"h0upcnt0","tr_key":"0001"}"""
            + $$$""","body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"SUBSCRIBE SUCCESS"}}{{{end}}}""");
        registration.IsConfirmed.ShouldBeTrue("a TR ID in lower case is the same");
        driver.Receive(Data + end);

        driver.Actions.Delivered.ShouldHaveSingleItem();
        driver.Machine.Malformed.ShouldBe(0);
    }

    [Fact]
    public void Jitter_only_increases_a_delay()
    {
        var delays = Enumerable.Range(0, 200).Select(seed =>
        {
            var driver = new SessionDriver(new SessionSettings { JitterSeed = seed, Reconnect = new ReconnectPolicy { Jitter = 0.5 } })
                .Open();
            driver.SubscribeAndConfirm(s_index, "0001");
            driver.Drop();
            return driver.AdvanceToNextAttempt().TotalSeconds;
        }).ToArray();
        delays.Min().ShouldBeInRange(1, 1.05);
        delays.Max().ShouldBeInRange(1.45, 1.5);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(600)]
    public void A_service_that_accepts_and_closes_is_tried_ever_more_rarely_until_it_works(int minutes)
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady });
        var registration = driver.Machine.TrySubscribe(s_index, "0001", driver.Now)!;
        var end = driver.Now + TimeSpan.FromMinutes(minutes);
        List<TimeSpan> attempts = [];
        while (true)
        {
            attempts.Add(driver.Now);
            driver.Connect();
            if (driver.Now >= end)
                break;
            driver.Drop();
            driver.AdvanceToNextAttempt();
        }

        CheckBudget(attempts);
        driver.Acknowledge("H0UPCNT0", "0001");
        registration.IsConfirmed.ShouldBeTrue();
        (driver.Now - end).ShouldBeLessThan(s_steady.MaxRefusedDelay);
        attempts.Zip(attempts.Skip(1), (a, b) => (b - a).TotalSeconds).ShouldBeInOrder();
        driver.Actions.Log.ShouldNotContain(line => line.StartsWith("refused", StringComparison.Ordinal));
    }

    [Fact]
    public void A_service_that_accepts_and_closes_is_given_up_if_the_policy_says_so()
    {
        var policy = s_steady with { GiveUpAfter = TimeSpan.FromMinutes(10) };
        var driver = new SessionDriver(new SessionSettings { Reconnect = policy });
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now);
        driver.Connect();
        driver.Drop();
        var start = driver.Now;
        List<TimeSpan> attempts = [];
        while (driver.Machine.Phase != SessionPhase.Halted)
        {
            driver.AdvanceToNextAttempt();
            attempts.Add(driver.Now);
            driver.Connect();
            driver.Drop();
        }

        (driver.Now - start).ShouldBe(TimeSpan.FromMinutes(10), "the last attempt is made at the time to give up");
        CheckBudget(attempts);
        driver.Machine.HaltReason.ShouldBe(HaltReason.Fruitless);
        driver.Actions.Log[^2..].ShouldBe(["halted Fruitless", "refused H0UPCNT0:0001 SessionHalted"]);
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now).ShouldBeNull();
        driver.Advance(100_000_000);
        driver.Machine.Connection.ShouldBe(attempts.Count + 1, "a session that was given up makes no attempt");
    }

    private static void CheckBudget(List<TimeSpan> attempts)
    {
        foreach (var attempt in attempts)
        {
            attempts.Count(a => a > attempt - TimeSpan.FromMinutes(1) && a <= attempt).ShouldBeLessThanOrEqualTo(6);
            attempts.Count(a => a > attempt - TimeSpan.FromHours(1) && a <= attempt).ShouldBeLessThanOrEqualTo(60);
        }
    }

    [Fact]
    public void An_unreachable_service_is_retried_forever_within_the_budget()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady with { MaxDelay = TimeSpan.FromSeconds(1) } });
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now);
        var start = driver.Now;
        List<TimeSpan> attempts = [];
        while (driver.Now - start < TimeSpan.FromHours(5))
        {
            driver.AdvanceToNextAttempt();
            attempts.Add(driver.Now);
            driver.Machine.ConnectFailed(driver.Machine.Connection, ConnectFailure.Unreachable, driver.Now);
        }

        driver.Machine.Phase.ShouldBe(SessionPhase.Waiting);
        attempts.Count.ShouldBeInRange(295, 301, "60 an hour");
        CheckBudget(attempts);
    }

    [Fact]
    public void An_unreachable_service_is_given_up_if_the_policy_says_so_but_not_asked_too_soon()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady with { GiveUpAfter = TimeSpan.FromSeconds(90) } });
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now);
        var start = driver.Now;
        driver.Machine.ConnectFailed(1, ConnectFailure.Unreachable, driver.Now);
        driver.AdvanceToNextAttempt();
        driver.Machine.ConnectFailed(2, ConnectFailure.TooManyRequests, driver.Now);
        driver.AdvanceToNextAttempt().ShouldBe(TimeSpan.FromSeconds(60));
        driver.Machine.ConnectFailed(3, ConnectFailure.TooManyRequests, driver.Now);
        driver.AdvanceToNextAttempt()
            .ShouldBe(TimeSpan.FromSeconds(60), "the time to give up does not shorten the delay that the service asked for");
        driver.Machine.ConnectFailed(4, ConnectFailure.Unreachable, driver.Now);
        driver.Machine.HaltReason.ShouldBe(HaltReason.Unreachable);
        driver.Machine.FailingSince.ShouldBe(start);
    }

    [Fact]
    public void A_long_connection_without_data_is_not_a_failure()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady, WatchdogTimeout = TimeSpan.FromHours(1) });
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now);
        for (var i = 0; i < 50; i++)
        {
            driver.AdvanceToNextAttempt();
            driver.Connect();
            driver.Acknowledge("H0UPCNT0", "0001");
            driver.Advance(300_000);
            driver.Drop();
        }

        driver.Machine.Phase.ShouldBe(SessionPhase.Waiting);
    }

    [Fact]
    public void Wrong_credentials_end_the_session_immediately()
    {
        var driver = new SessionDriver();
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now);
        driver.Machine.ConnectFailed(1, ConnectFailure.BadCredentials, driver.Now);
        driver.Actions.Log.ShouldBe(["connect 1", "halted BadCredentials", "refused H0UPCNT0:0001 SessionHalted"]);
    }

    [Fact]
    public void A_rate_limited_service_is_not_contacted_for_a_minute()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady });
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now);
        driver.Machine.ConnectFailed(1, ConnectFailure.TooManyRequests, driver.Now);
        driver.AdvanceToNextAttempt().ShouldBe(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void An_unknown_approval_key_is_renewed_once_then_with_growing_delays()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady with { AttemptsPerMinute = 100 } })
            .Open(isKeyFresh: false);
        driver.Subscribe(s_index, "0001");
        driver.RefuseWithoutHeader("OPSP0011");
        driver.Actions.Log.ShouldBe(
            ["disconnect 1", "lost Refused OPSP0011", "connect 2 fresh"], "immediately, because a cached key may have expired");
        List<double> delays = [];
        for (var i = 0; i < 12; i++)
        {
            driver.Connect();
            driver.RefuseWithoutHeader("OPSP0011");
            delays.Add(driver.AdvanceToNextAttempt().TotalSeconds);
        }

        delays.ShouldBe([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
    }

    [Fact]
    public void An_app_key_in_use_for_forty_minutes_is_retried_on_its_own_schedule_until_it_is_free()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady });
        var registration = driver.Machine.TrySubscribe(s_index, "0001", driver.Now)!;
        List<double> delays = [];
        var start = driver.Now;
        while (true)
        {
            driver.Connect();
            if (driver.Now - start >= TimeSpan.FromMinutes(40))
                break;
            driver.RefuseWithoutHeader("OPSP8996");
            driver.Machine.FailingSince.ShouldBe(start);
            delays.Add(driver.AdvanceToNextAttempt().TotalSeconds);
        }

        delays.ShouldBe([30, 60, 120, 240, 480, 600, 600, 600]);
        driver.Acknowledge("H0UPCNT0", "0001");
        registration.IsConfirmed.ShouldBeTrue();
        driver.Receive(Data);
        driver.Machine.FailingSince.ShouldBeNull();
    }

    [Fact]
    public void An_app_key_in_use_is_given_up_if_the_policy_says_so()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady with { GiveUpAfter = TimeSpan.FromMinutes(10) } });
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now);
        List<double> delays = [];
        while (true)
        {
            driver.Connect();
            driver.RefuseWithoutHeader("OPSP8996");
            if (driver.Machine.Phase == SessionPhase.Halted)
                break;
            delays.Add(driver.AdvanceToNextAttempt().TotalSeconds);
        }

        delays.ShouldBe([30, 60, 120, 240, 150]);
        driver.Machine.HaltReason.ShouldBe(HaltReason.AppKeyInUse);
    }

    [Fact]
    public void An_app_key_in_use_before_a_stand_down_does_not_count_after_it()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady });
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now);
        driver.Connect();
        driver.RefuseWithoutHeader("OPSP8996");
        driver.Machine.StandDown(driver.Now);
        driver.Advance((int)TimeSpan.FromHours(1).TotalMilliseconds);

        driver.Connect();
        driver.RefuseWithoutHeader("OPSP8996");

        driver.Machine.HaltReason.ShouldBeNull();
        driver.AdvanceToNextAttempt().ShouldBe(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void A_session_is_restored_after_the_dead_session_is_released()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady }).Open();
        driver.SubscribeAndConfirm(s_index, "0001");
        driver.Drop();
        for (var i = 0; i < 3; i++)
        {
            driver.AdvanceToNextAttempt();
            driver.Connect();
            driver.RefuseWithoutHeader("OPSP8996");
        }

        driver.AdvanceToNextAttempt();
        driver.Connect();
        driver.Acknowledge("H0UPCNT0", "0001");
        driver.Machine.Registrations.Single().IsConfirmed.ShouldBeTrue();
        driver.Actions.Log.Count(l => l.StartsWith("interrupted", StringComparison.Ordinal))
            .ShouldBe(1, "one gap, regardless of the number of attempts");
    }

    [Fact]
    public void A_refusal_of_one_registration_does_not_stop_restoring_the_others()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady }).Open();
        foreach (var key in new[] { "0001", "1001", "2001" })
            driver.SubscribeAndConfirm(s_index, key);
        driver.Drop();
        driver.AdvanceToNextAttempt();
        driver.Connect();
        driver.Acknowledge("H0UPCNT0", "0001");
        driver.Advance();
        driver.Acknowledge("H0UPCNT0", "1001", "OPSP8992");
        driver.Advance();
        driver.Acknowledge("H0UPCNT0", "2001");
        driver.Actions.Log.Contains("refused H0UPCNT0:1001 Server OPSP8992", StringComparer.Ordinal).ShouldBeTrue();
        driver.Machine.Registrations.Where(r => r.IsConfirmed).Select(r => r.Key).ShouldBe(["0001", "2001"]);
    }

    [Fact]
    public void A_temporary_refusal_while_restoring_is_retried_until_it_succeeds()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady }).Open();
        var registration = driver.SubscribeAndConfirm(s_index, "0001");
        driver.Drop();
        driver.AdvanceToNextAttempt();
        driver.Connect();
        var delays = Enumerable.Range(0, 12).Select(_ => DelayAfterRefusal(driver)).ToArray();

        delays.ShouldBe([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
        driver.Acknowledge("H0UPCNT0", "0001");
        registration.IsConfirmed.ShouldBeTrue();
        driver.Actions.Log.ShouldNotContain(line => line.StartsWith("refused", StringComparison.Ordinal));
    }

    [Fact]
    public void A_temporary_refusal_while_restoring_is_reported_when_the_policy_gives_up()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady with { GiveUpAfter = TimeSpan.FromMinutes(2) } }).Open();
        driver.SubscribeAndConfirm(s_index, "0001");
        driver.Drop();
        driver.AdvanceToNextAttempt();
        driver.Connect();
        while (driver.Machine.Registrations.Count > 0)
            DelayAfterRefusal(driver);

        driver.Actions.Log[^1].ShouldBe("refused H0UPCNT0:0001 Server OPSP0007");
    }

    private static double DelayAfterRefusal(SessionDriver driver)
    {
        var sent = driver.Actions.Sent.Count;
        driver.Acknowledge("H0UPCNT0", "0001", "OPSP0007");
        var refusedAt = driver.Now;
        while (driver.Machine.Registrations.Count > 0 && driver.Actions.Sent.Count == sent)
        {
            driver.Advance(1000);
            driver.Receive("""{"header":{"tr_id":"PINGPONG"}}""");
            sent++;
        }

        return (driver.Now - refusedAt).TotalSeconds;
    }

    [Fact]
    public void A_subscription_while_disconnected_waits_and_a_cancelled_one_is_removed()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady }).Open();
        driver.SubscribeAndConfirm(s_index, "0001");
        driver.Drop();
        var waiting = driver.Subscribe(s_index, "1001");
        var cancelled = driver.Subscribe(s_index, "2001");
        driver.Unsubscribe(cancelled);
        driver.AdvanceToNextAttempt();
        var connecting = driver.Subscribe(s_index, "3001");
        driver.Actions.Sent.Clear();
        driver.Connect();
        foreach (var key in new[] { "0001", "1001", "3001" })
        {
            driver.Acknowledge("H0UPCNT0", key);
            driver.Advance();
        }

        driver.Actions.Sent.Count.ShouldBe(3);
        (waiting.IsConfirmed, connecting.IsConfirmed).ShouldBe((true, true));
        driver.Actions.Log.Contains("released H0UPCNT0:2001", StringComparer.Ordinal).ShouldBeTrue();
        driver.Machine.Registrations.Select(r => r.Key).ShouldBe(["0001", "1001", "3001"]);
    }

    [Fact]
    public void A_session_without_subscriptions_does_not_connect_and_a_new_subscription_does_not_shorten_the_delay()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady }).Open();
        driver.Drop();
        driver.Machine.Phase.ShouldBe(SessionPhase.Idle);
        driver.Advance(500);
        driver.Subscribe(s_index, "0001");
        driver.AdvanceToNextAttempt().TotalSeconds.ShouldBe(0.5);
    }

    [Fact]
    public void Events_of_an_earlier_connection_are_ignored()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady }).Open();
        driver.SubscribeAndConfirm(s_index, "0001");
        driver.Drop();
        driver.AdvanceToNextAttempt();
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
    public void A_silent_connection_is_replaced()
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = s_steady, WatchdogTimeout = TimeSpan.FromSeconds(5) }).Open();
        driver.SubscribeAndConfirm(s_index, "0001");
        driver.Receive(Data);
        driver.Advance(4_000);
        driver.Receive("""{"header":{"tr_id":"PINGPONG"}}""");
        driver.Actions.Clear();
        driver.Advance(4_000);
        driver.Actions.Log.ShouldBeEmpty("a heartbeat keeps the connection alive");
        driver.Actions.Timer.ShouldBe(driver.Now + TimeSpan.FromSeconds(1));
        driver.Advance(1_000);
        driver.Actions.Log.ShouldBe(["disconnect 1 dead", "interrupted H0UPCNT0:0001 Silence", "lost Silence"]);
        driver.AdvanceToNextAttempt().ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Repeatedly_silent_connections_are_given_up_if_the_policy_says_so()
    {
        var driver = new SessionDriver(new SessionSettings
        {
            Reconnect = s_steady with { GiveUpAfter = TimeSpan.FromMinutes(5) },
            WatchdogTimeout = TimeSpan.FromSeconds(5),
        });
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now);
        while (driver.Machine.Phase != SessionPhase.Halted)
        {
            driver.AdvanceToNextAttempt();
            driver.Connect();
            driver.Advance(5_000);
        }

        driver.Machine.HaltReason.ShouldBe(HaltReason.Silent);
    }

    [Fact]
    public void Successive_sessions_share_a_budget()
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

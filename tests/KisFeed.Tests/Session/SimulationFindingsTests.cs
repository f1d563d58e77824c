using KisFeed.Session;
using KisFeed.Wire.Control;

namespace KisFeed.Tests.Session;

/// <summary>Failures found by the simulation, each reduced to a short sequence of events.</summary>
public sealed class SimulationFindingsTests
{
    private const string NoticeKey = "abcdefghijklmnopabcdefghijklmnop";
    private const string OtherKey = "ponmlkjihgfedcbaponmlkjihgfedcba";
    private const string Iv = "0123456789abcdef";
    private static readonly FeedSchema s_program = ProgramTrade.Consolidated.Schema;
    private static readonly FeedSchema s_notice = OrderNotice.Feed.Schema;

    [Fact]
    public void A_moved_registration_receives_every_frame_of_its_new_session()
    {
        var actions = new RecordingActions();
        var now = TimeSpan.FromSeconds(100);
        SessionMachine[] sessions =
        [
            new(new SessionSettings { Name = "1" }, KisFeeds.Catalog, actions),
            new(new SessionSettings { Name = "2" }, KisFeeds.Catalog, actions),
        ];
        var group = new SessionGroup(sessions);
        var registration = group.TrySubscribe(s_program, "005930", now).ShouldNotBeNull();
        sessions[0].Opened(1, "key", true, now);
        sessions[0].TextReceived(1, Frame("005930"), SessionDriver.ReceivedAt, now);
        sessions[0].TextReceived(
            1, """{"header":{"tr_id":"(null)"},"body":{"rt_cd":"9","msg_cd":"OPSP0010","msg1":""}}"""u8, SessionDriver.ReceivedAt, now);
        registration.Session.ShouldBe(sessions[1]);
        sessions[1].Opened(1, "key", true, now);
        actions.Delivered.Clear();

        sessions[1].TextReceived(1, Frame("005930"), SessionDriver.ReceivedAt, now);

        actions.Delivered.Count.ShouldBe(1);
    }

    [Fact]
    public void A_subscription_that_reuses_a_registration_before_its_release_is_sent_is_notified_of_a_loss()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.SubscribeAndConfirm(s_program, "005930");
        driver.Unsubscribe(registration);
        driver.Subscribe(s_program, "005930").IsConfirmed.ShouldBeTrue();

        driver.Drop();

        driver.Actions.Log.ShouldContain(l => l == "interrupted H0UNPGM0:005930 ConnectionLost");
    }

    [Fact]
    public void A_subscription_that_reuses_a_registration_is_notified_of_a_loss_even_if_earlier_subscribers_were()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.SubscribeAndConfirm(s_program, "005930");
        driver.Drop();
        driver.AdvanceToNextAttempt();
        driver.Connect();
        driver.Unsubscribe(registration);
        driver.Acknowledge("H0UNPGM0", "005930");
        driver.Subscribe(s_program, "005930").IsConfirmed.ShouldBeTrue();
        driver.Actions.Clear();

        driver.Drop();

        driver.Actions.Log.ShouldContain(l => l == "interrupted H0UNPGM0:005930 ConnectionLost");
    }

    [Fact]
    public void A_subscription_that_ends_the_connection_by_its_arrival_starts_from_scratch()
    {
        var driver = new SessionDriver(new SessionSettings { NeedsPermit = true });
        driver.Machine.Start(driver.Now);
        driver.Machine.PermitGranted(driver.Now);
        driver.Connect();
        var registration = driver.SubscribeAndConfirm(s_program, "005930");
        driver.Subscribe(s_program, "000660");
        driver.Unsubscribe(registration);
        driver.Actions.MaySend = false;
        driver.Pass(100);
        driver.Actions.Clear();

        driver.Subscribe(s_program, "005930").IsConfirmed.ShouldBeFalse();

        driver.Actions.Log.ShouldNotContain(l => l.StartsWith("interrupted", StringComparison.Ordinal));
        driver.Machine.Registrations.ShouldAllBe(r => r.IsNew);
    }

    [Fact]
    public void A_late_acknowledgement_with_another_key_renews_the_registration()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.SubscribeAndConfirm(s_notice, "HTSID", NoticeKey, Iv);

        driver.Acknowledge("H0IFCNI0", "HTSID", noticeKey: OtherKey, iv: Iv);

        registration.IsConfirmed.ShouldBeFalse();
        driver.Advance();
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Release);
    }

    [Fact]
    public void The_key_of_an_acknowledgement_from_before_the_release_is_not_used_for_the_next_registration()
    {
        var driver = new SessionDriver().Open();
        var released = driver.SubscribeAndConfirm(s_notice, "HTSID", OtherKey, Iv);
        driver.Advance();
        driver.Unsubscribe(released);
        var registration = driver.Subscribe(s_notice, "HTSID");
        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0001");
        registration.State.ShouldBe(RegistrationState.Queued);
        driver.Acknowledge("H0IFCNI0", "HTSID", noticeKey: OtherKey, iv: Iv);
        driver.Advance();

        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0002");

        registration.IsConfirmed.ShouldBeFalse("its key is not known");
        driver.Advance();
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Release);
    }

    [Fact]
    public void Requests_are_paced_across_connections()
    {
        var driver = new SessionDriver();
        driver.Machine.TrySubscribe(s_program, "005930", driver.Now).ShouldNotBeNull();
        driver.Connect(isKeyFresh: false);
        driver.RefuseWithoutHeader("OPSP0011");

        driver.Connect();

        driver.Actions.Sent.Count.ShouldBe(1);
        driver.Advance();
        driver.Actions.Sent.Count.ShouldBe(2);
    }

    [Fact]
    public void A_loss_after_data_that_precede_the_confirmation_is_reported()
    {
        var driver = new SessionDriver().Open();
        driver.SubscribeAndConfirm(s_program, "005930");
        driver.Drop();
        driver.AdvanceToNextAttempt();
        driver.Connect();
        driver.Receive(Frame("005930"));
        driver.Actions.Clear();

        driver.Drop();

        driver.Actions.Log.ShouldContain(l => l == "interrupted H0UNPGM0:005930 ConnectionLost");
    }

    [Fact]
    public void An_earlier_acknowledgement_does_not_confirm_a_new_subscription()
    {
        var driver = new SessionDriver().Open();
        driver.Subscribe(s_program, "000660");
        driver.Acknowledge("H0UNPGM0", "005930");

        var registration = driver.Subscribe(s_program, "005930");

        registration.IsConfirmed.ShouldBeFalse();
        driver.Acknowledge("H0UNPGM0", "000660");
        driver.Advance();
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Release);
        driver.Acknowledge("H0UNPGM0", "005930", "OPSP0003");
        driver.Advance();
        driver.Acknowledge("H0UNPGM0", "005930");
        registration.IsConfirmed.ShouldBeTrue();
    }

    [Fact]
    public void A_renewed_registration_is_reported_before_new_data()
    {
        var driver = new SessionDriver().Open();
        driver.SubscribeAndConfirm(s_program, "005930");
        driver.Acknowledge("H0UNPGM0", "005930", "OPSP0003");
        driver.Advance();
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Release);

        driver.Acknowledge("H0UNPGM0", "005930", "OPSP0001");

        driver.Actions.Log[^1].ShouldBe("interrupted H0UNPGM0:005930 Renewed");
        driver.Receive(Frame("005930"));
        driver.Actions.Log.Count(l => l == "interrupted H0UNPGM0:005930 Renewed").ShouldBe(2);
    }

    [Fact]
    public void A_late_already_registered_reply_renews_a_notice_because_its_key_may_be_outdated()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.SubscribeAndConfirm(s_notice, "HTSID", NoticeKey, Iv);

        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0002");

        registration.IsConfirmed.ShouldBeFalse();
    }

    [Fact]
    public void A_subscription_that_reuses_a_notice_with_an_uncertain_key_renews_it()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.SubscribeAndConfirm(s_notice, "HTSID", NoticeKey, Iv);
        driver.Subscribe(s_program, "005930");
        driver.Unsubscribe(registration);
        driver.Acknowledge("H0IFCNI0", "HTSID", noticeKey: OtherKey, iv: Iv);

        driver.Subscribe(s_notice, "HTSID").IsConfirmed.ShouldBeFalse();
    }

    private static byte[] Frame(string code) => Encoding.UTF8.GetBytes($"0|H0UNPGM0|001|{code}^091240^1^2^3^4^5^6^7^8^9");
}

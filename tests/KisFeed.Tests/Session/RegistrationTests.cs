using KisFeed.Session;
using KisFeed.Wire.Control;

namespace KisFeed.Tests.Session;

public sealed class RegistrationTests
{
    private static readonly FeedSchema s_index = IndexTrade.Feed.Schema;
    private static readonly FeedSchema s_bond = BondTrade.Feed.Schema;
    private static readonly FeedSchema s_notice = OrderNotice.Feed.Schema;
    private const string NoticeKey = "abcdefghijklmnopabcdefghijklmnop";
    private const string Iv = "0123456789abcdef";

    [Fact]
    public void A_subscription_is_requested_and_confirmed_by_the_acknowledgement()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.Subscribe(s_index, "0001");

        driver.Actions.LastRequest.ShouldBe(new Request("approval-key", CustomerType.Person, RequestType.Register, "H0UPCNT0", "0001"));
        registration.State.ShouldBe(RegistrationState.Registering);
        registration.IsConfirmed.ShouldBeFalse();

        driver.Acknowledge("H0UPCNT0", "0001");
        registration.IsConfirmed.ShouldBeTrue();
        driver.Actions.Log.ShouldBe(["confirmed H0UPCNT0:0001"]);
    }

    [Fact]
    public void A_subscription_before_the_connection_is_sent_once_it_is_open()
    {
        var driver = new SessionDriver();
        driver.Subscribe(s_index, "0001");
        driver.Actions.Sent.ShouldBeEmpty();
        driver.Open();
        driver.Actions.LastRequest.TrKey.ShouldBe("0001");
    }

    [Fact]
    public void Requests_are_sent_one_at_a_time_paced_and_notices_first()
    {
        var driver = new SessionDriver().Open();
        driver.Subscribe(s_index, "0001");
        driver.Subscribe(s_bond, "KR103502GA34");
        driver.Subscribe(s_notice, "MyHtsId");
        driver.Actions.Sent.Count.ShouldBe(1);

        driver.Acknowledge("H0UPCNT0", "0001");
        driver.Actions.Sent.Count.ShouldBe(1, "the interval between requests has not passed");
        driver.Actions.Timer.ShouldBe(driver.Now + TimeSpan.FromMilliseconds(50));

        driver.Advance();
        driver.Actions.LastRequest.TrId.ShouldBe("H0IFCNI0");
        driver.Actions.LastRequest.TrKey.ShouldBe("MyHtsId", "the case of an HTS ID is kept");
        driver.Advance();
        driver.Actions.Sent.Count.ShouldBe(2, "the answer has not arrived");

        driver.Acknowledge("H0IFCNI0", "MyHtsId", noticeKey: NoticeKey, iv: Iv);
        driver.Actions.LastRequest.TrId.ShouldBe("H0BJCNT0");
    }

    [Fact]
    public void A_key_subscribed_twice_is_registered_once_and_released_with_the_last_subscription()
    {
        var driver = new SessionDriver().Open();
        var first = driver.SubscribeAndConfirm(s_index, "0001");
        var second = driver.Subscribe(s_index, "0001");
        second.ShouldBeSameAs(first);
        first.SubscriberCount.ShouldBe(2);
        driver.Actions.Sent.Count.ShouldBe(1);

        driver.Advance();
        driver.Unsubscribe(first);
        driver.Actions.Sent.Count.ShouldBe(1);
        driver.Unsubscribe(first);
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Release);
        driver.Acknowledge("H0UPCNT0", "0001", "OPSP0001");
        driver.Actions.Log[^1].ShouldBe("released H0UPCNT0:0001");
        driver.Machine.Registrations.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("OPSP0008")]
    [InlineData("OPSP0017")]
    [InlineData("OPSP8992")]
    [InlineData("OPSP1234")]
    public void A_refusal_without_a_header_belongs_to_the_pending_request(string code)
    {
        var driver = new SessionDriver().Open();
        driver.SubscribeAndConfirm(s_bond, "KR103502GA34");
        driver.Advance();
        driver.Subscribe(s_index, "0001");
        driver.RefuseWithoutHeader(code);

        driver.Actions.Log[^1].ShouldBe($"refused H0UPCNT0:0001 Server {code}");
        driver.Machine.Registrations.Single().Feed.TrId.ShouldBe("H0BJCNT0", "the other registration remains");
    }

    [Fact]
    public void A_refused_registration_frees_its_slot()
    {
        var driver = new SessionDriver(new SessionSettings { MaxRegistrations = 1 }).Open();
        driver.Subscribe(s_index, "0001");
        driver.Machine.TrySubscribe(s_index, "1001", driver.Now).ShouldBeNull();
        driver.RefuseWithoutHeader("OPSP8992");
        driver.Machine.TrySubscribe(s_index, "1001", driver.Now).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("OPSP8996")]
    [InlineData("OPSP0011")]
    [InlineData("OPSP0010")]
    public void A_refusal_of_the_session_ends_it(string code)
    {
        var driver = new SessionDriver(new SessionSettings { Reconnect = ReconnectPolicy.Never }).Open();
        var registration = driver.Subscribe(s_index, "0001");
        driver.RefuseWithoutHeader(code);
        driver.Actions.Log[^2].ShouldStartWith("halted");
        driver.Actions.Log[^1].ShouldBe($"refused H0UPCNT0:0001 SessionHalted {code}");
        driver.Machine.Phase.ShouldBe(SessionPhase.Halted);
        registration.State.ShouldBe(RegistrationState.Ended);
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now).ShouldBeNull();
    }

    [Fact]
    public void Registrations_are_limited()
    {
        var driver = new SessionDriver().Open();
        for (var i = 0; i < 41; i++)
            driver.SubscribeAndConfirm(s_index, $"{i:D4}");
        driver.Machine.TrySubscribe(s_index, "9999", driver.Now).ShouldBeNull();
        driver.Machine.TrySubscribe(s_index, "0001", driver.Now).ShouldNotBeNull("a registered key needs no second slot");
    }

    [Fact]
    public void A_released_slot_is_reused_only_after_the_server_has_freed_it()
    {
        var driver = new SessionDriver(new SessionSettings { MaxRegistrations = 1 }).Open();
        var first = driver.SubscribeAndConfirm(s_index, "0001");
        driver.Advance();
        driver.Unsubscribe(first);
        driver.Subscribe(s_index, "1001");
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Release);
        driver.Advance();
        driver.Acknowledge("H0UPCNT0", "0001", "OPSP0001");
        driver.Actions.LastRequest.ShouldBe(new Request("approval-key", CustomerType.Person, RequestType.Register, "H0UPCNT0", "1001"));
    }

    [Fact]
    public void Already_registered_is_a_success()
    {
        var driver = new SessionDriver().Open();
        driver.Subscribe(s_index, "0001");
        driver.Acknowledge("H0UPCNT0", "0001", "OPSP0002");
        driver.Actions.Log.ShouldBe(["confirmed H0UPCNT0:0001"]);
    }

    [Fact]
    public void A_notice_already_registered_without_a_key_is_registered_again()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.Subscribe(s_notice, "HTSID");
        driver.Advance();
        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0002");
        registration.IsConfirmed.ShouldBeFalse();
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Release);

        driver.Advance();
        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0001");
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Register);
        driver.Acknowledge("H0IFCNI0", "HTSID", noticeKey: NoticeKey, iv: Iv);
        registration.IsConfirmed.ShouldBeTrue();
        driver.Actions.Log.ShouldBe(["confirmed H0IFCNI0:HTSID"]);
    }

    [Fact]
    public void A_notice_that_remains_without_a_key_is_refused_and_released()
    {
        var driver = new SessionDriver().Open();
        driver.Subscribe(s_notice, "HTSID");
        driver.Advance();
        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0002");
        driver.Advance();
        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0003");
        driver.Advance();
        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0002");
        driver.Actions.Log.ShouldBe(["refused H0IFCNI0:HTSID NoNoticeKey"]);
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Release);
    }

    [Fact]
    public void A_subscription_cancelled_before_it_is_sent_is_removed()
    {
        var driver = new SessionDriver().Open();
        driver.Subscribe(s_index, "0001");
        var cancelled = driver.Subscribe(s_index, "1001");
        driver.Unsubscribe(cancelled);
        driver.Advance();
        driver.Acknowledge("H0UPCNT0", "0001");
        driver.Advance();
        driver.Actions.Sent.Count.ShouldBe(1);
        driver.Machine.Registrations.Single().Key.ShouldBe("0001");
    }

    [Fact]
    public void A_subscription_cancelled_before_its_answer_is_released()
    {
        var driver = new SessionDriver().Open();
        var cancelled = driver.Subscribe(s_index, "0001");
        driver.Unsubscribe(cancelled);
        driver.Advance();
        driver.Acknowledge("H0UPCNT0", "0001");
        driver.Actions.Log.ShouldBeEmpty();
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Release);
    }

    [Fact]
    public void A_subscription_during_the_release_of_its_key_is_registered_again()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.SubscribeAndConfirm(s_index, "0001");
        driver.Advance();
        driver.Unsubscribe(registration);
        driver.Subscribe(s_index, "0001").ShouldBeSameAs(registration);
        registration.IsConfirmed.ShouldBeFalse();
        driver.Advance();
        driver.Acknowledge("H0UPCNT0", "0001", "OPSP0001");
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Register);
        driver.Acknowledge("H0UPCNT0", "0001");
        registration.IsConfirmed.ShouldBeTrue();
    }

    [Fact]
    public void An_unanswered_request_is_refused_and_released()
    {
        var driver = new SessionDriver().Open();
        driver.Subscribe(s_index, "0001");
        driver.Advance(9_999);
        driver.Actions.Log.ShouldBeEmpty();
        driver.Advance(1);
        driver.Actions.Log.ShouldBe(["refused H0UPCNT0:0001 NoReply"]);
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Release, "the server may hold it");
        driver.Acknowledge("H0UPCNT0", "0001", "OPSP0003");
        driver.Machine.Registrations.ShouldBeEmpty();
    }

    [Fact]
    public void An_acknowledged_registration_without_subscribers_is_released()
    {
        var driver = new SessionDriver().Open();
        driver.Acknowledge("H0UPCNT0", "0001");
        driver.Actions.LastRequest.ShouldBe(new Request("approval-key", CustomerType.Person, RequestType.Release, "H0UPCNT0", "0001"));
    }

    [Fact]
    public void Heartbeats_are_echoed_unchanged()
    {
        var driver = new SessionDriver().Open();
        const string heartbeat = """{"header":{"tr_id":"PINGPONG","datetime":"20261120093001"}}""";
        driver.Receive(heartbeat);
        driver.Actions.Sent.ShouldBe([heartbeat]);
        driver.Machine.Heartbeats.ShouldBe(1);
    }

    [Fact]
    public void After_a_stop_nothing_is_sent_and_keys_are_cleared()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.SubscribeAndConfirm(s_notice, "HTSID", NoticeKey, Iv);
        var key = registration.Cipher!.Key;
        key.Key.IndexOfAnyExcept((byte)0).ShouldBe(0);
        driver.Machine.Stop();

        key.Key.IndexOfAnyExcept((byte)0).ShouldBe(-1);
        key.Iv.IndexOfAnyExcept((byte)0).ShouldBe(-1);
        registration.Cipher.ShouldBeNull();
        var sent = driver.Actions.Sent.Count;
        driver.Receive("""{"header":{"tr_id":"PINGPONG"}}""");
        driver.Actions.Sent.Count.ShouldBe(sent);
        driver.Actions.Log[^1].ShouldBe("ended");
    }
}

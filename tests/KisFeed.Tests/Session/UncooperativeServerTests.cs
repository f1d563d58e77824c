using KisFeed.Session;
using KisFeed.Wire.Control;

namespace KisFeed.Tests.Session;

/// <summary>
/// Servers that do not answer, answer too often, or answer something else: every wait is bounded, and nothing grows without limit.
/// </summary>
public sealed class UncooperativeServerTests
{
    private static readonly FeedSchema s_index = IndexTrade.Feed.Schema;
    private static readonly FeedSchema s_notice = OrderNotice.Feed.Schema;
    private const string NoticeKey = "abcdefghijklmnopabcdefghijklmnop";
    private const string Iv = "0123456789abcdef";

    [Fact]
    public void A_timer_that_fires_early_is_set_again()
    {
        var driver = new SessionDriver().Open();
        driver.Subscribe(s_index, "0001");
        var deadline = driver.Actions.Timer;
        driver.Advance(9_999);
        driver.Actions.TimesTimerWasSet.ShouldBe(2);
        driver.Actions.Timer.ShouldBe(deadline);
    }

    [Theory]
    [InlineData("H0IFCNI0", "0", "OPSP0000")]
    [InlineData("H0IFCNI0", "0", "OPSP0001")]
    [InlineData("H0IFCNI0", "9", "OPSP0007")]
    [InlineData("H0XXXXX0", "0", "OPSP0000")]
    public void The_key_of_an_unused_answer_is_cleared(string trId, string result, string code)
    {
        var driver = new SessionDriver().Open();
        driver.Receive($$$"""{"header":{"tr_id":"{{{trId}}}","tr_key":"HTSID"}"""
            + $$$""","body":{"rt_cd":"{{{result}}}","msg_cd":"{{{code}}}","output":{"iv":"{{{Iv}}}","key":"{{{NoticeKey}}}"} } }""");
        var key = driver.Actions.Unexpected.Single().NoticeKey.ShouldNotBeNull();
        key.Key.IndexOfAnyExcept((byte)0).ShouldBe(-1);
        key.Iv.IndexOfAnyExcept((byte)0).ShouldBe(-1);
    }

    [Fact]
    public void Unsolicited_acknowledgements_are_recorded_only_up_to_the_limit()
    {
        var driver = new SessionDriver().Open();
        for (var i = 0; i < 1_000; i++)
            driver.Acknowledge("H0UPCNT0", $"{i:D4}");
        driver.Machine.Registrations.Count.ShouldBe(41);
    }

    [Fact]
    public void A_notice_refused_without_a_key_is_not_confirmed_to_an_immediate_second_subscription()
    {
        var driver = new SessionDriver().Open();
        driver.Subscribe(s_notice, "HTSID");
        driver.Advance();
        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0002");
        driver.Advance();
        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0001");
        driver.Advance(10);
        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0002");
        driver.Actions.Log.ShouldBe(["refused H0IFCNI0:HTSID NoNoticeKey"]);

        driver.Subscribe(s_notice, "HTSID").IsConfirmed.ShouldBeFalse();
        driver.Advance();
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Release);
    }

    [Fact]
    public void A_notice_that_the_server_holds_unsolicited_is_renewed_for_a_subscription_before_its_release()
    {
        var driver = new SessionDriver().Open();
        driver.Subscribe(s_index, "0001");
        driver.Acknowledge("H0IFCNI0", "HTSID", noticeKey: NoticeKey, iv: Iv);
        var registration = driver.Subscribe(s_notice, "HTSID");
        registration.IsConfirmed.ShouldBeFalse();
        driver.Acknowledge("H0UPCNT0", "0001");
        driver.Advance();
        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0001");
        driver.Advance();
        driver.Acknowledge("H0IFCNI0", "HTSID", noticeKey: NoticeKey, iv: Iv);
        registration.IsConfirmed.ShouldBeTrue();
        registration.Cipher.ShouldNotBeNull();
    }

    [Fact]
    public void A_subscription_waiting_for_a_failed_release_is_refused()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.SubscribeAndConfirm(s_index, "0001");
        driver.Advance();
        driver.Unsubscribe(registration);
        driver.Subscribe(s_index, "0001");
        driver.RefuseWithoutHeader("OPSP0007");
        driver.Actions.Log[^1].ShouldBe("refused H0UPCNT0:0001 Server OPSP0007");
        registration.SubscriberCount.ShouldBe(0);

        driver.Subscribe(s_index, "0001");
        driver.Advance(10_000);
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Release);
        driver.Advance(10_000);
        driver.Actions.Log[^1].ShouldBe("refused H0UPCNT0:0001 NoReply");
    }

    [Fact]
    public void A_subscription_waiting_for_a_slot_that_is_not_freed_is_refused()
    {
        var driver = new SessionDriver(new SessionSettings { MaxRegistrations = 2 }).Open();
        driver.SubscribeAndConfirm(s_index, "0001");
        var released = driver.SubscribeAndConfirm(s_index, "1001");
        driver.Advance();
        driver.Unsubscribe(released);
        driver.Subscribe(s_index, "2001");
        driver.Advance(10_000);
        driver.Actions.Log[^2..].ShouldBe(["released H0UPCNT0:1001", "refused H0UPCNT0:2001 NoReply"]);
        driver.Machine.Registrations.Count(r => r.SubscriberCount > 0).ShouldBe(1);
    }

    [Fact]
    public void A_subscription_waiting_for_a_slot_that_another_release_may_free_keeps_waiting()
    {
        var driver = new SessionDriver(new SessionSettings { MaxRegistrations = 2 }).Open();
        var first = driver.SubscribeAndConfirm(s_index, "0001");
        var second = driver.SubscribeAndConfirm(s_index, "1001");
        driver.Advance();
        driver.Unsubscribe(first);
        driver.Unsubscribe(second);
        driver.Subscribe(s_index, "2001");
        driver.Advance(10_000);
        driver.Advance();
        driver.Acknowledge("H0UPCNT0", "1001", "OPSP0001");
        driver.Advance();
        driver.Actions.LastRequest.ShouldBe(new Request("approval-key", CustomerType.Person, RequestType.Register, "H0UPCNT0", "2001"));
    }
}

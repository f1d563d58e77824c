using KisFeed.Feeds;
using KisFeed.Session;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Tests.Session;

/// <summary>Servers that do not answer, answer too much, or answer something else: no wait is endless, and nothing grows without bound.</summary>
public sealed class UnwillingServerTests
{
    private static readonly FeedSchema s_index = IndexTrade.Feed.Schema;
    private static readonly FeedSchema s_notice = OrderNotice.Feed.Schema;
    private const string NoticeKey = "abcdefghijklmnopabcdefghijklmnop";
    private const string Iv = "0123456789abcdef";

    [Fact]
    public void A_timer_that_comes_a_moment_early_is_set_again()
    {
        var driver = new SessionDriver().Open();
        driver.Subscribe(s_index, "0001");
        var deadline = driver.Actions.Timer;
        driver.Pass(9_999);
        driver.Actions.TimesTimerWasSet.ShouldBe(2);
        driver.Actions.Timer.ShouldBe(deadline);
    }

    [Theory]
    [InlineData("H0IFCNI0", "0", "OPSP0000")]
    [InlineData("H0IFCNI0", "0", "OPSP0001")]
    [InlineData("H0IFCNI0", "9", "OPSP0007")]
    [InlineData("H0XXXXX0", "0", "OPSP0000")]
    public void The_key_of_an_answer_that_is_not_used_is_cleared(string trId, string result, string code)
    {
        var driver = new SessionDriver().Open();
        driver.Receive($$$"""{"header":{"tr_id":"{{{trId}}}","tr_key":"HTSID"},"body":{"rt_cd":"{{{result}}}","msg_cd":"{{{code}}}","output":{"iv":"{{{Iv}}}","key":"{{{NoticeKey}}}"} } }""");
        var key = driver.Actions.Unexpected.Single().NoticeKey.ShouldNotBeNull();
        key.Key.IndexOfAnyExcept((byte)0).ShouldBe(-1);
        key.Iv.IndexOfAnyExcept((byte)0).ShouldBe(-1);
    }

    [Fact]
    public void Acknowledgements_that_nobody_asked_for_are_entered_only_as_far_as_the_server_could_hold_them()
    {
        var driver = new SessionDriver().Open();
        for (var i = 0; i < 1_000; i++)
            driver.Acknowledge("H0UPCNT0", $"{i:D4}");
        driver.Machine.Registrations.Count.ShouldBe(41);
    }

    [Fact]
    public void A_notice_that_was_refused_for_want_of_a_key_is_not_confirmed_to_who_asks_again_at_once()
    {
        var driver = new SessionDriver().Open();
        driver.Subscribe(s_notice, "HTSID");
        driver.Pass();
        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0002");
        driver.Pass();
        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0001");
        driver.Pass(10);
        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0002");
        driver.Actions.Log.ShouldBe(["refused H0IFCNI0:HTSID NoNoticeKey"]);

        driver.Subscribe(s_notice, "HTSID").IsConfirmed.ShouldBeFalse();
        driver.Pass();
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Release);
    }

    [Fact]
    public void A_notice_that_the_server_seems_to_hold_unasked_is_made_anew_for_who_subscribes_before_it_is_released()
    {
        var driver = new SessionDriver().Open();
        driver.Subscribe(s_index, "0001");
        driver.Acknowledge("H0IFCNI0", "HTSID", noticeKey: NoticeKey, iv: Iv);
        var registration = driver.Subscribe(s_notice, "HTSID");
        registration.IsConfirmed.ShouldBeFalse();
        driver.Acknowledge("H0UPCNT0", "0001");
        driver.Pass();
        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0001");
        driver.Pass();
        driver.Acknowledge("H0IFCNI0", "HTSID", noticeKey: NoticeKey, iv: Iv);
        registration.IsConfirmed.ShouldBeTrue();
        registration.Cipher.ShouldNotBeNull();
    }

    [Fact]
    public void Who_waits_for_a_key_whose_release_fails_is_told()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.SubscribeAndConfirm(s_index, "0001");
        driver.Pass();
        driver.Unsubscribe(registration);
        driver.Subscribe(s_index, "0001");
        driver.RefuseWithoutHeader("OPSP0007");
        driver.Actions.Log[^1].ShouldBe("refused H0UPCNT0:0001 Server OPSP0007");
        registration.Demand.ShouldBe(0);

        driver.Subscribe(s_index, "0001");
        driver.Pass(10_000);
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Release);
        driver.Pass(10_000);
        driver.Actions.Log[^1].ShouldBe("refused H0UPCNT0:0001 NoReply");
    }

    [Fact]
    public void Who_waits_for_a_place_that_the_server_does_not_free_is_told()
    {
        var driver = new SessionDriver(new SessionSettings { MaxRegistrations = 2 }).Open();
        driver.SubscribeAndConfirm(s_index, "0001");
        var released = driver.SubscribeAndConfirm(s_index, "1001");
        driver.Pass();
        driver.Unsubscribe(released);
        driver.Subscribe(s_index, "2001");
        driver.Pass(10_000);
        driver.Actions.Log[^2..].ShouldBe(["released H0UPCNT0:1001", "refused H0UPCNT0:2001 NoReply"]);
        driver.Machine.Registrations.Count(r => r.Demand > 0).ShouldBe(1);
    }

    [Fact]
    public void Who_waits_for_a_place_that_another_release_frees_waits_on()
    {
        var driver = new SessionDriver(new SessionSettings { MaxRegistrations = 2 }).Open();
        var first = driver.SubscribeAndConfirm(s_index, "0001");
        var second = driver.SubscribeAndConfirm(s_index, "1001");
        driver.Pass();
        driver.Unsubscribe(first);
        driver.Unsubscribe(second);
        driver.Subscribe(s_index, "2001");
        driver.Pass(10_000);
        driver.Pass();
        driver.Acknowledge("H0UPCNT0", "1001", "OPSP0001");
        driver.Pass();
        driver.Actions.LastRequest.ShouldBe(new Request("approval-key", CustomerType.Person, RequestType.Register, "H0UPCNT0", "2001"));
    }
}

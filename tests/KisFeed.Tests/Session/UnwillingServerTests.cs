using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Tests.Session;

/// <summary>Servers that do not answer, answer too much, or answer something else: nobody waits for ever, and nothing grows without bound.</summary>
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
}

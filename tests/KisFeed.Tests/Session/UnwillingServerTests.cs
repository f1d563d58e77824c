using KisFeed.Feeds;
using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed.Tests.Session;

/// <summary>Servers that do not answer, answer too much, or answer something else: nobody waits for ever, and nothing grows without bound.</summary>
public sealed class UnwillingServerTests
{
    private static readonly FeedSchema s_index = IndexTrade.Feed.Schema;
    private static readonly FeedSchema s_notice = OrderNotice.Feed.Schema;

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
}

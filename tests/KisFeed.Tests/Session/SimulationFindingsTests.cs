using System.Text;
using KisFeed.Feeds;
using KisFeed.Session;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Tests.Session;

/// <summary>Failures found by the simulation, each as the shortest sequence of events that shows it.</summary>
public sealed class SimulationFindingsTests
{
    private const string NoticeKey = "abcdefghijklmnopabcdefghijklmnop";
    private const string OtherKey = "ponmlkjihgfedcbaponmlkjihgfedcba";
    private const string Iv = "0123456789abcdef";
    private static readonly FeedSchema s_program = ProgramTrade.Consolidated.Schema;
    private static readonly FeedSchema s_notice = OrderNotice.Feed.Schema;

    [Fact]
    public void A_registration_that_has_moved_is_given_every_frame_of_its_new_session()
    {
        var actions = new RecordingActions();
        var now = TimeSpan.FromSeconds(100);
        SessionMachine[] sessions = [new(new SessionSettings { Name = "1" }, KisFeeds.Catalog, actions), new(new SessionSettings { Name = "2" }, KisFeeds.Catalog, actions)];
        var group = new SessionGroup(sessions);
        var registration = group.TrySubscribe(s_program, "005930", now).ShouldNotBeNull();
        sessions[0].Opened(1, "key", true, now);
        sessions[0].TextReceived(1, Frame("005930"), SessionDriver.ReceivedAt, now);
        sessions[0].TextReceived(1, """{"header":{"tr_id":"(null)"},"body":{"rt_cd":"9","msg_cd":"OPSP0010","msg1":""}}"""u8, SessionDriver.ReceivedAt, now);
        registration.Session.ShouldBe(sessions[1]);
        sessions[1].Opened(1, "key", true, now);
        actions.Delivered.Clear();

        sessions[1].TextReceived(1, Frame("005930"), SessionDriver.ReceivedAt, now);

        actions.Delivered.Count.ShouldBe(1);
    }

    [Fact]
    public void Who_takes_up_a_registration_before_its_release_is_sent_is_told_of_a_loss()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.SubscribeAndConfirm(s_program, "005930");
        driver.Unsubscribe(registration);
        driver.Subscribe(s_program, "005930").IsConfirmed.ShouldBeTrue();

        driver.Drop();

        driver.Actions.Log.ShouldContain(l => l == "interrupted H0UNPGM0:005930 ConnectionLost");
    }

    [Fact]
    public void Who_takes_up_a_registration_is_told_of_a_loss_although_those_before_were_told_of_one()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.SubscribeAndConfirm(s_program, "005930");
        driver.Drop();
        driver.PassUntilAttempt();
        driver.Connect();
        driver.Unsubscribe(registration);
        driver.Acknowledge("H0UNPGM0", "005930");
        driver.Subscribe(s_program, "005930").IsConfirmed.ShouldBeTrue();
        driver.Actions.Clear();

        driver.Drop();

        driver.Actions.Log.ShouldContain(l => l == "interrupted H0UNPGM0:005930 ConnectionLost");
    }

    [Fact]
    public void A_late_acknowledgement_with_another_key_makes_the_registration_anew()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.SubscribeAndConfirm(s_notice, "HTSID", NoticeKey, Iv);

        driver.Acknowledge("H0IFCNI0", "HTSID", noticeKey: OtherKey, iv: Iv);

        registration.IsConfirmed.ShouldBeFalse();
        driver.Pass();
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Release);
    }

    [Fact]
    public void Requests_keep_their_distance_over_a_new_connection()
    {
        var driver = new SessionDriver();
        driver.Machine.TrySubscribe(s_program, "005930", driver.Now).ShouldNotBeNull();
        driver.Connect(isKeyFresh: false);
        driver.RefuseWithoutHeader("OPSP0011");

        driver.Connect();

        driver.Actions.Sent.Count.ShouldBe(1);
        driver.Pass();
        driver.Actions.Sent.Count.ShouldBe(2);
    }

    [Fact]
    public void A_loss_after_data_that_came_before_the_confirmation_is_told()
    {
        var driver = new SessionDriver().Open();
        driver.SubscribeAndConfirm(s_program, "005930");
        driver.Drop();
        driver.PassUntilAttempt();
        driver.Connect();
        driver.Receive(Frame("005930"));
        driver.Actions.Clear();

        driver.Drop();

        driver.Actions.Log.ShouldContain(l => l == "interrupted H0UNPGM0:005930 ConnectionLost");
    }

    [Fact]
    public void What_an_older_acknowledgement_speaks_of_is_not_taken_for_confirmed()
    {
        var driver = new SessionDriver().Open();
        driver.Subscribe(s_program, "000660");
        driver.Acknowledge("H0UNPGM0", "005930");

        var registration = driver.Subscribe(s_program, "005930");

        registration.IsConfirmed.ShouldBeFalse();
        driver.Acknowledge("H0UNPGM0", "000660");
        driver.Pass();
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Release);
        driver.Acknowledge("H0UNPGM0", "005930", "OPSP0003");
        driver.Pass();
        driver.Acknowledge("H0UNPGM0", "005930");
        registration.IsConfirmed.ShouldBeTrue();
    }

    [Fact]
    public void Who_has_a_registration_made_anew_is_told_before_data_can_come_again()
    {
        var driver = new SessionDriver().Open();
        driver.SubscribeAndConfirm(s_program, "005930");
        driver.Acknowledge("H0UNPGM0", "005930", "OPSP0003");
        driver.Pass();
        driver.Actions.LastRequest.Type.ShouldBe(RequestType.Release);

        driver.Acknowledge("H0UNPGM0", "005930", "OPSP0001");

        driver.Actions.Log[^1].ShouldBe("interrupted H0UNPGM0:005930 Renewed");
        driver.Receive(Frame("005930"));
        driver.Actions.Log.Count(l => l == "interrupted H0UNPGM0:005930 Renewed").ShouldBe(2);
    }

    [Fact]
    public void A_late_word_that_a_notice_stood_already_makes_it_anew_since_its_key_may_be_an_older_one()
    {
        var driver = new SessionDriver().Open();
        var registration = driver.SubscribeAndConfirm(s_notice, "HTSID", NoticeKey, Iv);

        driver.Acknowledge("H0IFCNI0", "HTSID", "OPSP0002");

        registration.IsConfirmed.ShouldBeFalse();
    }

    [Fact]
    public void Who_takes_up_a_notice_whose_key_is_in_doubt_has_it_made_anew()
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

using KisFeed.Session;
using KisFeed.Wire.Control;

namespace KisFeed.Tests.Session;

/// <summary>A registration with a higher priority takes the slot of one with a lower priority, which gets a slot again.</summary>
public sealed class PriorityTests
{
    private static readonly FeedSchema s_program = ProgramTrade.Consolidated.Schema;
    private static readonly FeedSchema s_notice = OrderNotice.Feed.Schema;

    private readonly RecordingActions _actions = new();
    private SessionGroup _group = null!;
    private int _answered;
    private TimeSpan _now = TimeSpan.FromSeconds(100);

    private Request[] Unanswered => [.. _actions.Sent.Skip(_answered).Select(RequestOf)];

    [Fact]
    public void The_lowest_priority_is_evicted_and_among_equals_the_newest()
    {
        Open(1, slots: 3);
        Hold("a", 1);
        Hold("b", 0);
        Hold("c", 0);
        _actions.Clear();
        Hold("d", 2);
        _actions.Log.ShouldBe(["evicted H0UNPGM0:c", "confirmed H0UNPGM0:d"]);
        Held().ShouldBe(["a", "b", "d"]);
        Hold("e", 2);
        Held().ShouldBe(["a", "d", "e"]);
        Hold("f", 2);
        Held().ShouldBe(["d", "e", "f"]);
        _group.TrySubscribe(s_program, "g", _now, 2).ShouldBeNull();
        Held().ShouldBe(["d", "e", "f"]);
    }

    [Fact]
    public void Without_priorities_a_full_session_refuses()
    {
        Open(1, slots: 1);
        Hold("a");
        _actions.Clear();
        _group.TrySubscribe(s_program, "b", _now).ShouldBeNull();
        _group.TrySubscribe(s_program, "b", _now, -1).ShouldBeNull();
        _actions.Log.ShouldBeEmpty();
    }

    [Fact]
    public void Order_notices_are_evicted_after_market_data_of_the_same_priority()
    {
        Open(1, slots: 2);
        Hold("a");
        Hold("ID1", feed: s_notice);
        Hold("b", 1);
        Held().ShouldBe(["ID1", "b"]);
        Hold("c", 1);
        Held().ShouldBe(["b", "c"]);
    }

    [Fact]
    public void The_evicted_registration_is_released_before_the_new_one_is_requested()
    {
        Open(1, slots: 1);
        Hold("a");
        Subscribe("b", 1);
        Unanswered.Select(r => (r.Type, r.TrKey)).ShouldBe([(RequestType.Release, "a")]);
        Answer();
        Unanswered.Select(r => (r.Type, r.TrKey)).ShouldBe([(RequestType.Register, "b")]);
    }

    [Fact]
    public void A_free_slot_goes_to_the_highest_priority_and_then_to_the_one_that_waits_longest()
    {
        Open(1, slots: 3);
        var low = Hold("a", 0);
        Hold("b", 1);
        Hold("c", 1);
        var held = new[] { "x", "y", "z" }.Select(key => Hold(key, 5)).ToArray();
        _actions.Clear();
        foreach (var registration in held)
            Unsubscribe(registration, 5);
        _actions.Log.Where(l => l.StartsWith("confirmed", StringComparison.Ordinal)).ShouldBe(
            ["confirmed H0UNPGM0:c", "confirmed H0UNPGM0:b", "confirmed H0UNPGM0:a"]);
        low.IsConfirmed.ShouldBeTrue();
        Held().ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public void Frames_are_delivered_until_the_eviction_and_from_the_next_confirmation_on()
    {
        Open(1, slots: 1);
        var evicted = Hold("a");
        _actions.Clear();
        Receive(evicted);
        var other = Subscribe("b", 1);
        Receive(evicted);
        AnswerAll();
        other.Session.Unsubscribe(other, _now, 1);
        Answer();
        Receive(evicted);
        _actions.Delivered.Count.ShouldBe(1);
        Answer();
        Receive(evicted);
        _actions.Delivered.Count.ShouldBe(2);
        _actions.Log.Where(l => l.EndsWith(":a", StringComparison.Ordinal)).ShouldBe(["evicted H0UNPGM0:a", "confirmed H0UNPGM0:a"]);
    }

    [Fact]
    public void Malformed_frames_are_not_reported_to_an_evicted_registration()
    {
        Open(1, slots: 2);
        var evicted = Hold("a");
        Hold("b");
        Subscribe("c", 1);
        Subscribe("d", 1);
        evicted.IsOnWire.ShouldBeTrue();
        Receive(evicted.Session, "0|H0UNPGM0|001|a^b");
        Receive(evicted.Session, "0|");
        _actions.Malformed.Select(m => m.Registration.Key).ShouldBe(["c", "d"]);
    }

    [Fact]
    public void A_restored_registration_counts_as_a_new_one_and_waits_for_the_budget()
    {
        Open(1, slots: 1, perMinute: 2);
        var evicted = Hold("a");
        var other = Hold("b", 1);
        Unsubscribe(other, 1);
        evicted.State.ShouldBe(RegistrationState.Queued);
        evicted.IsEvicted.ShouldBeFalse("it has the slot");
        _group.TrySubscribe(s_program, "c", _now).ShouldBeNull();
        _actions.Timer.ShouldBe(TimeSpan.FromSeconds(160.001), "a minute after the first registration");
        Advance(TimeSpan.FromSeconds(59.9995));
        Answer();
        evicted.IsConfirmed.ShouldBeTrue();
        evicted.Session.NewRegistrationsLeft(_now).ShouldBe(0, "b was registered less than a minute ago");
    }

    [Fact]
    public void Nothing_is_evicted_for_a_registration_that_the_budget_does_not_allow_now()
    {
        Open(1, slots: 1, perMinute: 1);
        var held = Hold("a");
        _group.TrySubscribe(s_program, "b", _now, 1).ShouldBeNull();
        held.IsConfirmed.ShouldBeTrue();
        Advance(TimeSpan.FromSeconds(60));
        Hold("b", 1);
        held.IsEvicted.ShouldBeTrue();
    }

    [Fact]
    public void A_subscriber_that_joins_an_evicted_registration_waits_or_raises_its_priority()
    {
        Open(1, slots: 1);
        var first = Hold("a", 1);
        var second = Hold("b", 2);
        Subscribe("a", 1).ShouldBe(first);
        first.IsEvicted.ShouldBeTrue();
        Subscribe("a", 3).ShouldBe(first);
        first.IsEvicted.ShouldBeFalse();
        second.IsEvicted.ShouldBeTrue();
        Answer();
        Answer();
        first.IsConfirmed.ShouldBeTrue();

        // Without its subscriber with the high priority, it gives the slot back.
        Unsubscribe(first, 3);
        second.IsConfirmed.ShouldBeTrue();
        first.IsEvicted.ShouldBeTrue();
        first.SubscriberCount.ShouldBe(2);
    }

    [Fact]
    public void A_raised_priority_waits_for_the_budget_while_the_other_keeps_its_slot()
    {
        Open(1, slots: 1, perMinute: 2);
        var first = Hold("a", 1);
        var second = Hold("b", 2);
        Subscribe("a", 3);
        second.IsConfirmed.ShouldBeTrue();
        _actions.Timer.ShouldBe(TimeSpan.FromSeconds(160.001), "a minute after the first registration");
        Advance(TimeSpan.FromSeconds(60));
        Answer();
        Answer();
        first.IsConfirmed.ShouldBeTrue();
        second.IsEvicted.ShouldBeTrue();
    }

    [Fact]
    public void A_raised_priority_counts_for_the_slot_of_a_registration_that_is_refused_at_the_same_time()
    {
        Open(1, slots: 3, perMinute: 5);
        Hold("a", 1);
        var raised = Hold("b");
        var waitsLonger = Hold("c");
        Hold("d", 1);
        var refused = Subscribe("e", 1);
        Answer();
        refused.State.ShouldBe(RegistrationState.Registering);
        var session = _group.Sessions[0];
        session.Closed(session.Connection, _now);
        waitsLonger.IsEvicted.ShouldBeTrue();

        Subscribe("b", 1).ShouldBe(raised);

        _actions.Log.ShouldContain(l => l.StartsWith("refused H0UNPGM0:e", StringComparison.Ordinal));
        raised.IsEvicted.ShouldBeFalse();
        waitsLonger.IsEvicted.ShouldBeTrue();
    }

    [Fact]
    public void A_registration_whose_release_was_not_sent_gets_its_slot_back_without_a_request()
    {
        Open(1, slots: 2);
        var evicted = Hold("a");
        var released = Hold("b", 1);
        _actions.Clear();
        released.Session.Unsubscribe(released, _now, 1);
        Subscribe("c", 1);
        var last = Subscribe("d", 1);
        evicted.IsEvicted.ShouldBeTrue();
        last.Session.Unsubscribe(last, _now, 1);
        Unanswered.Single().TrKey.ShouldBe("b", "only its release was sent");
        evicted.IsConfirmed.ShouldBeTrue();
        _actions.Log.ShouldBe(["evicted H0UNPGM0:a", "released H0UNPGM0:d", "confirmed H0UNPGM0:a"]);
        Receive(evicted);
        _actions.Delivered.Count.ShouldBe(1);
    }

    [Fact]
    public void A_registration_that_was_never_confirmed_is_refused_instead()
    {
        Open(1, slots: 2);
        var sent = Subscribe("a", 0);
        var queued = Subscribe("b", 0);
        Subscribe("c", 1);
        _actions.Log.ShouldBe(["refused H0UNPGM0:b Evicted"]);
        queued.State.ShouldBe(RegistrationState.Ended);
        Subscribe("d", 1);
        _actions.Log.ShouldBe(["refused H0UNPGM0:b Evicted", "refused H0UNPGM0:a Evicted"]);
        sent.State.ShouldBe(RegistrationState.Registering, "it is released once its answer is there");
        AnswerAll();
        Held().ShouldBe(["c", "d"]);
    }

    [Fact]
    public void After_a_lost_connection_only_registrations_with_a_slot_are_restored()
    {
        Open(1, slots: 1);
        var evicted = Hold("a");
        Hold("b", 1);
        var session = evicted.Session;
        session.Closed(1, _now);
        Advance(TimeSpan.FromMinutes(2));
        session.Opened(session.Connection, "approval-key", true, _now);
        AnswerAll();
        Held().ShouldBe(["b"]);
        _actions.Log.ShouldNotContain("interrupted H0UNPGM0:a ConnectionLost", StringComparer.Ordinal);
        evicted.IsEvicted.ShouldBeTrue();
    }

    [Fact]
    public void If_the_release_is_not_answered_the_new_registration_is_refused_and_the_evicted_one_returns()
    {
        Open(1, slots: 1);
        var evicted = Hold("a");
        Subscribe("b", 1);
        _answered++;
        Advance(TimeSpan.FromSeconds(10));
        _actions.Log.ShouldContain("refused H0UNPGM0:b NoReply", StringComparer.Ordinal);
        Advance(TimeSpan.FromSeconds(10));
        AnswerAll();
        evicted.IsConfirmed.ShouldBeTrue();
    }

    [Fact]
    public void The_last_subscriber_of_an_evicted_registration_can_leave()
    {
        Open(1, slots: 1);
        var evicted = Hold("a");
        Hold("b", 1);
        Unsubscribe(evicted, 0);
        evicted.State.ShouldBe(RegistrationState.Ended);
        _group.HasEvicted.ShouldBeFalse();
        _actions.Log[^1].ShouldBe("released H0UNPGM0:a");
    }

    [Fact]
    public void An_evicted_registration_moves_to_a_session_with_a_free_slot()
    {
        Open(2, slots: 2);
        foreach (var key in new[] { "a", "b", "c" })
            Hold(key);
        _group.Sessions.Select(s => s.DesiredCount).ShouldBe([2, 1]);
        _actions.Clear();
        Hold("ID1", 1, s_notice);
        AnswerAll();
        Held().ShouldBe(["a", "ID1", "b", "c"]);
        _actions.Log.ShouldBe(["evicted H0UNPGM0:c", "confirmed H0IFCNI0:ID1", "confirmed H0UNPGM0:c"], ignoreOrder: true);
    }

    [Fact]
    public void A_halted_session_moves_registrations_to_slots_of_lower_priorities()
    {
        Open(2, slots: 1);
        var high = Hold("a", 1);
        var low = Hold("b", 0);
        high.Session.ShouldBe(_group.Sessions[0]);
        _actions.Clear();
        high.Session.Fail(_now);
        AnswerAll();
        high.Session.ShouldBe(_group.Sessions[1]);
        high.IsConfirmed.ShouldBeTrue();
        low.IsEvicted.ShouldBeTrue();
        _actions.Log.ShouldBe(
            ["disconnect 1 dead", "halted Failed", "evicted H0UNPGM0:b", "interrupted H0UNPGM0:a Moved", "confirmed H0UNPGM0:a"]);
    }

    private void Open(int sessions, int slots, int perMinute = 150)
    {
        _group = new SessionGroup(
        [
            .. Enumerable.Range(1, sessions).Select(i => new SessionMachine(
                new SessionSettings
                {
                    Name = $"{i}",
                    HtsId = $"ID{i}",
                    MaxRegistrations = slots,
                    RequestInterval = TimeSpan.Zero,
                    NewRegistrationsPerMinute = perMinute,
                },
                KisFeeds.Catalog,
                _actions)),
        ]);
        foreach (var session in _group.Sessions)
        {
            session.Start(_now);
            session.Opened(1, "approval-key", true, _now);
        }

        _actions.Clear();
    }

    private Registration Subscribe(string key, int priority = 0, FeedSchema? feed = null)
    {
        _now += TimeSpan.FromMilliseconds(1);
        return _group.TrySubscribe(feed ?? s_program, key, _now, priority).ShouldNotBeNull();
    }

    /// <summary>Subscribes to a key, and answers everything that is requested.</summary>
    private Registration Hold(string key, int priority = 0, FeedSchema? feed = null)
    {
        var registration = Subscribe(key, priority, feed);
        AnswerAll();
        registration.IsConfirmed.ShouldBeTrue();
        return registration;
    }

    /// <summary>Unsubscribes, and answers everything that is requested.</summary>
    private void Unsubscribe(Registration registration, int priority)
    {
        registration.Session.Unsubscribe(registration, _now, priority);
        AnswerAll();
    }

    private void Advance(TimeSpan time)
    {
        _now += time;
        foreach (var session in _group.Sessions)
            session.TimerDue(_now);
    }

    private void AnswerAll()
    {
        while (Unanswered.Length > 0)
            Answer();
    }

    private void Answer()
    {
        var request = Unanswered[0];
        _answered++;
        var session = _group.Sessions.Single(s => s.Registrations.Any(
            r => r.Key == request.TrKey && r.State is RegistrationState.Registering or RegistrationState.Releasing));
        var code = request.Type == RequestType.Register ? "OPSP0000" : "OPSP0001";
        var header = $$"""{"tr_id":"{{request.TrId}}","tr_key":"{{request.TrKey}}"}""";
        Receive(session, $$$"""{"header":{{{header}}},"body":{"rt_cd":"0","msg_cd":"{{{code}}}","msg1":""}}""");
    }

    private void Receive(Registration registration) =>
        Receive(registration.Session, $"0|{registration.Feed.TrId}|001|{registration.Key}^092237^1^2^3^4^2^2^5^6^1");

    private void Receive(SessionMachine session, string text) =>
        session.TextReceived(session.Connection, Encoding.UTF8.GetBytes(text), SessionDriver.ReceivedAt, _now);

    private static Request RequestOf(string text)
    {
        Request.TryParse(Encoding.UTF8.GetBytes(text), out var request, out _).ShouldBeTrue();
        return request;
    }

    private IEnumerable<string> Held() =>
        _group.Sessions.SelectMany(s => s.Registrations).Where(r => r.IsConfirmed && r.SubscriberCount > 0).Select(r => r.Key);
}

using KisFeed.Session;

namespace KisFeed.Tests.Session;

/// <summary>Sessions of several app keys: where registrations are placed, and where they move if a session cannot hold them.</summary>
public sealed class SessionGroupTests
{
    private static readonly FeedSchema s_index = IndexTrade.Feed.Schema;
    private static readonly FeedSchema s_notice = OrderNotice.Feed.Schema;

    private readonly RecordingActions _actions = new();

    [Fact]
    public void Registrations_are_distributed_and_limited_by_the_slots_of_all_sessions()
    {
        var group = Group(3, slots: 2);
        for (var i = 0; i < 6; i++)
            group.TrySubscribe(s_index, $"{i}", TimeSpan.Zero).ShouldNotBeNull();
        group.Sessions.Select(s => s.DesiredCount).ShouldBe([2, 2, 2]);
        group.TrySubscribe(s_index, "6", TimeSpan.Zero).ShouldBeNull();
        group.TrySubscribe(s_index, "3", TimeSpan.Zero).ShouldNotBeNull("it already has a slot").SubscriberCount.ShouldBe(2);
    }

    [Fact]
    public void A_notice_is_placed_with_the_app_key_of_its_HTS_ID_or_with_the_first()
    {
        var group = Group(3, slots: 1);
        group.TrySubscribe(s_notice, "ID2", TimeSpan.Zero).ShouldNotBeNull().Session.Settings.Name.ShouldBe("2");
        group.TrySubscribe(s_notice, "id2", TimeSpan.Zero).ShouldNotBeNull().Session.Settings.Name
            .ShouldBe("1", "an HTS ID is case-sensitive");
        group.TrySubscribe(s_notice, "another", TimeSpan.Zero).ShouldBeNull("its session is full, and no other may hold it");
    }

    [Fact]
    public void An_assigned_key_is_registered_with_its_session_alone()
    {
        var group = Group(2, slots: 2);
        group.Assign(s_index, "a", group.Sessions[1]);
        group.Assign(s_index, "b", group.Sessions[1]);
        group.Assign(s_index, "c", group.Sessions[1]);
        group.TrySubscribe(s_index, "a", TimeSpan.Zero).ShouldNotBeNull().Session.ShouldBe(group.Sessions[1]);
        group.TrySubscribe(s_index, "b", TimeSpan.Zero).ShouldNotBeNull().Session.ShouldBe(group.Sessions[1]);
        group.TrySubscribe(s_index, "c", TimeSpan.Zero).ShouldBeNull("its session is full");
        group.Assign(s_index, "c", null);
        group.TrySubscribe(s_index, "c", TimeSpan.Zero).ShouldNotBeNull().Session.ShouldBe(group.Sessions[0]);
    }

    [Fact]
    public void A_registration_that_exists_is_not_assigned_to_another_session_and_an_assigned_one_does_not_move()
    {
        var group = Group(2, slots: 3);
        Open(group, 0);
        Open(group, 1);
        var first = group.TrySubscribe(s_index, "a", TimeSpan.Zero)!;
        group.Assign(s_index, "a", group.Sessions.Single(session => session != first.Session));
        group.TrySubscribe(s_index, "a", TimeSpan.Zero).ShouldBe(first);
        group.Assign(s_index, "b", group.Sessions[0]);
        var assigned = group.TrySubscribe(s_index, "b", TimeSpan.Zero)!;
        Refuse(group, 0, "OPSP0010");
        assigned.State.ShouldBe(RegistrationState.Ended);
    }

    [Fact]
    public void A_halted_session_moves_its_registrations_but_not_its_notices()
    {
        var group = Group(2, slots: 3);
        Open(group, 0);
        Open(group, 1);
        var notice = group.TrySubscribe(s_notice, "ID1", TimeSpan.Zero)!;
        var indices = new[] { "a", "b", "c" }.Select(key => group.TrySubscribe(s_index, key, TimeSpan.Zero)!).ToArray();
        var moved = indices.Where(r => r.Session == group.Sessions[0]).ToArray();
        moved.ShouldNotBeEmpty();
        Refuse(group, 0, "OPSP0010");
        _actions.Log.Contains("refused H0IFCNI0:ID1 SessionHalted OPSP0010", StringComparer.Ordinal).ShouldBeTrue();
        notice.State.ShouldBe(RegistrationState.Ended);
        moved.ShouldAllBe(r => r.Session == group.Sessions[1] && r.SubscriberCount == 1);
        group.Sessions[1].DesiredCount.ShouldBe(3);
    }

    [Fact]
    public void A_registration_without_a_slot_elsewhere_is_refused()
    {
        var group = Group(2, slots: 1);
        Open(group, 0);
        Open(group, 1);
        group.TrySubscribe(s_index, "a", TimeSpan.Zero);
        group.TrySubscribe(s_index, "b", TimeSpan.Zero);
        Refuse(group, 0, "OPSP0010");
        _actions.Log.Contains("refused H0UPCNT0:a SessionHalted OPSP0010", StringComparer.Ordinal).ShouldBeTrue();
        group.Sessions[1].DesiredCount.ShouldBe(1);
    }

    [Fact]
    public void A_registration_refused_for_lack_of_slots_moves_once()
    {
        var group = Group(2, slots: 3);
        Open(group, 0);
        Open(group, 1);
        var registration = group.TrySubscribe(s_index, "a", TimeSpan.Zero)!;
        registration.Session.ShouldBe(group.Sessions[0]);
        Receive(group, 0, "OPSP0008");
        registration.Session.ShouldBe(group.Sessions[1]);
        Receive(group, 1, "OPSP0008");
        _actions.Log.Contains("refused H0UPCNT0:a Server OPSP0008", StringComparer.Ordinal).ShouldBeTrue();
    }

    [Fact]
    public void The_loss_of_a_session_affects_only_its_own_registrations()
    {
        var group = Group(2, slots: 5);
        Open(group, 0);
        Open(group, 1);
        foreach (var key in new[] { "a", "b" })
        {
            var registration = group.TrySubscribe(s_index, key, TimeSpan.Zero)!;
            Receive(group, registration.Session == group.Sessions[0] ? 0 : 1, "OPSP0000", key);
        }

        group.Sessions[0].Closed(1, TimeSpan.Zero);
        _actions.Log.Count(l => l.StartsWith("interrupted", StringComparison.Ordinal)).ShouldBe(1);
        group.Sessions[1].Registrations.Single().IsConfirmed.ShouldBeTrue();
        group.TrySubscribe(s_index, "c", TimeSpan.Zero)!.Session.ShouldBe(group.Sessions[1], "a failing session does not get more");
    }

    private SessionGroup Group(int sessions, int slots) => new(
    [
        .. Enumerable.Range(1, sessions).Select(i => new SessionMachine(
            new SessionSettings { Name = $"{i}", HtsId = $"ID{i}", MaxRegistrations = slots },
            KisFeeds.Catalog,
            _actions)),
    ]);

    private static void Open(SessionGroup group, int session)
    {
        group.Sessions[session].Start(TimeSpan.Zero);
        group.Sessions[session].Opened(1, "approval-key", true, TimeSpan.Zero);
    }

    private static void Refuse(SessionGroup group, int session, string code) => Receive(group, session, code, null);

    private static void Receive(SessionGroup group, int session, string code, string? key = "a")
    {
        var header = key is null ? """{"tr_id":"(null)"}""" : $$"""{"tr_id":"H0UPCNT0","tr_key":"{{key}}"}""";
        var text = $$$"""{"header":{{{header}}},"body":{"rt_cd":"{{{(code == "OPSP0000" ? 0 : 9)}}}","msg_cd":"{{{code}}}","msg1":""}}""";
        group.Sessions[session].TextReceived(1, System.Text.Encoding.UTF8.GetBytes(text), SessionDriver.ReceivedAt, TimeSpan.Zero);
    }
}

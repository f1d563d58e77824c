using KisFeed.Feeds;
using KisFeed.Gateway.Broker;
using KisFeed.Gateway.Hub;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>When frames of upstream are sent.</summary>
public sealed class BrokerDispatcherTests
{
    private static readonly FeedSchema s_index = IndexTrade.Feed.Schema;

    private static readonly DateOnly s_day = new(2026, 11, 20);

    private readonly ServerCounters _counters = new();
    private readonly FakeConnection _connection = new();
    private readonly BrokerDispatcher _dispatcher = new(
        KisFeeds.Catalog, new ConnectionSet(), new BrokerCounters(), queueLimit: 1 << 20, NullLogger.Instance);

    [Fact]
    public void Available_frames_are_sent_together_once_no_more_are_available()
    {
        _dispatcher.Add(Register());
        string[] frames = [Frame("a"), Frame("b"), Frame("c")];
        foreach (var frame in frames)
            AddFrame(frame);
        _connection.Sent.ShouldBeEmpty();

        _dispatcher.OnIdle();

        _connection.Sent.ShouldBe(frames);
        _dispatcher.OnIdle();
        _connection.Sent.Count.ShouldBe(frames.Length);
    }

    [Fact]
    public void A_full_batch_is_sent_although_more_frames_are_available()
    {
        _dispatcher.Add(Register());
        var count = 0;
        for (; _connection.Sent.Count == 0 && count < 1_000; count++)
            AddFrame(Frame($"{count:D100}"));

        _connection.Sent.Count.ShouldBe(count);
        count.ShouldBeInRange(10, 999);
    }

    [Fact]
    public void Few_frames_are_sent_although_many_others_without_consumers_are_available()
    {
        _dispatcher.Add(Register());
        AddFrame(Frame("a"));
        for (var i = 0; _connection.Sent.Count == 0 && i < 100_000; i++)
            AddFrame(Frame("b", "1001"));

        _connection.Sent.ShouldBe([Frame("a")]);
    }

    [Fact]
    public void Frames_before_a_release_are_sent_before_the_release()
    {
        var registration = Register();
        _dispatcher.Add(registration);
        AddFrame(Frame("a"));

        _dispatcher.Remove(registration);

        _connection.Sent.ShouldBe([Frame("a")]);
        AddFrame(Frame("b"));
        _dispatcher.OnIdle();
        _connection.Sent.Count.ShouldBe(1);
    }

    [Fact]
    public void The_day_that_upstream_states_is_stated_before_its_frames()
    {
        var other = new FakeConnection();
        _connection.AcceptsServerEvents = true;
        _dispatcher.OnSource(DataSource.Replay);
        _dispatcher.Add(Register());
        _dispatcher.Add(Register(other));
        AddFrame(Frame("a"));
        AddFrame(Frame("b"), s_day);
        AddFrame(Frame("c"), s_day);
        AddFrame(Frame("d"), s_day.AddDays(1));
        AddFrame(Frame("e"));
        _dispatcher.OnIdle();

        _connection.Sent.ShouldBe(
        [
            Frame("a"), Source(",\"day\":\"2026-11-20\""), Frame("b"), Frame("c"),
            Source(",\"day\":\"2026-11-21\""), Frame("d"), Source(""), Frame("e"),
        ]);
        other.Sent.ShouldBe([Frame("a"), Frame("b"), Frame("c"), Frame("d"), Frame("e")]);
    }

    [Fact]
    public void A_new_registration_gets_the_day_before_its_snapshot_and_before_new_frames()
    {
        var frames = new LastFrames();
        var items = new HubFanOut([frames, _dispatcher]);
        items.OnEvent(new FrameItem(new RegistrationConfirmed { At = default, Session = "1" }.AddressedTo(s_index, "0001")));
        AddFrame(Frame("a"), s_day, items);
        AddFrame(Frame("b", "1001"), s_day.AddDays(1), items);
        _connection.AcceptsServerEvents = true;

        new Snapshots(items, frames, _dispatcher).Begin(Register());

        _connection.Sent.ShouldBe([Day("2026-11-20"), Frame("a"), Day("2026-11-21")]);

        static string Day(string day) => $$$"""{"kisfeed":{"event":"source","day":"{{{day}}}"}}""";
    }

    [Fact]
    public void A_frame_with_its_TR_ID_in_lower_case_is_sent_as_it_came()
    {
        _dispatcher.Add(Register());
        var frame = Frame("a").Replace(s_index.TrId, "h0upcnt0", StringComparison.Ordinal);
        AddFrame(frame);

        _dispatcher.OnIdle();

        _connection.Sent.ShouldBe([frame]);
    }

    [Fact]
    public void All_frames_are_sent_when_upstream_fails_permanently()
    {
        _dispatcher.Add(Register());
        AddFrame(Frame("a"));
        _dispatcher.OnUpstreamEnded("gone");
        _connection.Sent.ShouldBe([Frame("a")]);
    }

    private static string Frame(string last, string key = "0001") =>
        $"0|{s_index.TrId}|001|{key}{new string('^', s_index.Layouts[^1].Width - 1)}{last}";

    private static string Source(string day) => $$$"""{"kisfeed":{"event":"source","source":"replay"{{{day}}}}}""";

    private ClientRegistration Register(FakeConnection? connection = null) =>
        new ConnectionRegistrations(new SessionOutput(connection ?? _connection, _counters), 41, _counters).Add(s_index, "0001", key: null);

    private void AddFrame(string frame, DateOnly? day = null, IHubSink? sink = null) =>
        (sink ?? _dispatcher).OnFrame(TestFrames.Item(s_index, frame, DateTimeOffset.UnixEpoch, day), noticeKey: null);
}

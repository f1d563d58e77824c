using System.Text;
using KisFeed.Feeds;
using KisFeed.Gateway.Broker;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>When what comes from upstream goes out.</summary>
public sealed class BrokerDispatcherTests
{
    private static readonly FeedSchema s_index = IndexTrade.Feed.Schema;

    private readonly ServerCounters _counters = new();
    private readonly FakeConnection _connection = new();
    private readonly BrokerDispatcher _dispatcher = new(KisFeeds.Catalog, new ConnectionSet(), new BrokerCounters(), queueLimit: 1 << 20, NullLogger.Instance);

    [Fact]
    public void What_is_at_hand_goes_out_together_when_nothing_more_is()
    {
        _dispatcher.Add(Register());
        string[] frames = [Frame("a"), Frame("b"), Frame("c")];
        foreach (var frame in frames)
            Take(frame);
        _connection.Sent.ShouldBeEmpty();

        _dispatcher.OnIdle();

        _connection.Sent.ShouldBe(frames);
        _dispatcher.OnIdle();
        _connection.Sent.Count.ShouldBe(frames.Length);
    }

    [Fact]
    public void Much_goes_out_although_more_is_at_hand()
    {
        _dispatcher.Add(Register());
        var taken = 0;
        for (; _connection.Sent.Count == 0 && taken < 1_000; taken++)
            Take(Frame($"{taken}"));

        _connection.Sent.Count.ShouldBe(taken);
        taken.ShouldBeInRange(10, 999);
    }

    [Fact]
    public void Little_goes_out_although_much_that_nobody_here_wants_is_at_hand()
    {
        _dispatcher.Add(Register());
        Take(Frame("a"));
        for (var i = 0; _connection.Sent.Count == 0 && i < 100_000; i++)
            Take(Frame("b", "1001"));

        _connection.Sent.ShouldBe([Frame("a")]);
    }

    [Fact]
    public void What_came_before_a_registration_was_given_back_goes_out_before_that_is_done()
    {
        var registration = Register();
        _dispatcher.Add(registration);
        Take(Frame("a"));

        _dispatcher.Remove(registration);

        _connection.Sent.ShouldBe([Frame("a")]);
        Take(Frame("b"));
        _dispatcher.OnIdle();
        _connection.Sent.Count.ShouldBe(1);
    }

    [Fact]
    public void Nothing_is_kept_back_when_upstream_is_lost_for_good()
    {
        _dispatcher.Add(Register());
        Take(Frame("a"));
        _dispatcher.OnUpstreamEnded("gone");
        _connection.Sent.ShouldBe([Frame("a")]);
    }

    private static string Frame(string last, string key = "0001") => $"0|{s_index.TrId}|001|{key}{new string('^', s_index.Layouts[^1].Width - 1)}{last}";

    private Registration Register() => new ConnectionRegistrations(new SessionOutput(_connection, _counters), 41, _counters).Add(s_index, "0001", [], []);

    private void Take(string frame)
    {
        var bytes = Encoding.UTF8.GetBytes(frame);
        DataFrame.TryParse(bytes, out var parsed, out _).ShouldBeTrue();
        s_index.TryResolve(parsed, out var shape, out _).ShouldBeTrue();
        _dispatcher.OnFrame(new TapItem(s_index, new Frame(bytes, DateTimeOffset.UnixEpoch), shape), noticeKey: null);
    }
}

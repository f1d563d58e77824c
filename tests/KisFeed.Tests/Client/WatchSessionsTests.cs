using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

/// <summary><see cref="KisFeedClient.WatchSessionsAsync"/>: every change of a session's state is reported.</summary>
public sealed class WatchSessionsTests
{
    [Fact]
    public async Task Session_states_can_be_watched()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server) with { Reconnect = QuickReconnect });
        await using var kospi = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await TakeAsync(kospi.ReadAllAsync(), 1);
        List<SessionStatus> seen = [];
        using var timeout = new CancellationTokenSource(Patience.Limit);
        await foreach (var status in client.WatchSessionsAsync(timeout.Token))
        {
            if (seen.Count == 0)
                server.DropConnections();
            seen.Add(status);
            if (status is { Phase: SessionPhase.Open, Connections: 2, Confirmed: 1 })
                break;
        }

        seen[0].ShouldSatisfyAllConditions(
            s => s.Phase.ShouldBe(SessionPhase.Open), s => (s.Desired, s.Confirmed, s.Slots).ShouldBe((1, 1, 41)));
        var waiting = seen.First(s => s.Phase == SessionPhase.Waiting);
        (waiting.Desired, waiting.Confirmed).ShouldBe((1, 0), "desired and confirmed are separate");
        waiting.Problem.ShouldNotBeNullOrEmpty();
        seen.Select(s => s.Phase).ShouldContain(SessionPhase.Connecting);
    }

    [Fact]
    public async Task Watching_reports_an_attempt_that_fails_without_subscriptions()
    {
        await using var server = await StartAsync();
        var options = OptionsFor(server) with { Reconnect = QuickReconnect, WebSocketUrl = new Uri("ws://127.0.0.1:1/") };
        await using var client = KisFeedClient.Start(options);
        using var timeout = new CancellationTokenSource(Patience.Limit);

        await foreach (var status in client.WatchSessionsAsync(timeout.Token))
        {
            if (status is { Phase: SessionPhase.Idle, Failures: 1 })
            {
                status.Problem.ShouldNotBeNullOrEmpty();
                return;
            }
        }

        throw new InvalidOperationException("the failed attempt was not reported");
    }
}

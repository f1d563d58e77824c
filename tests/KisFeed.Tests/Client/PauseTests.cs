using KisFeed.Client;

namespace KisFeed.Tests.Client;

/// <summary>A process that did not run for a while.</summary>
public sealed class PauseTests
{
    private const string Rest = "^092237^1^2^3^4^2^2^5^6^1";

    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void A_pause_is_what_passed_since_the_last_check()
    {
        var pauses = new PauseDetector(_clock);
        for (var i = 0; i < 100; i++)
        {
            _clock.Advance(PauseDetector.Interval);
            pauses.Check().ShouldBeNull();
        }

        _clock.Advance(TimeSpan.FromSeconds(69));
        pauses.Check().ShouldBe(TimeSpan.FromSeconds(69));
        pauses.Check().ShouldBeNull("it is over");
    }

    [Fact]
    public async Task Frames_that_waited_during_a_pause_follow_a_gap_that_begins_before_it()
    {
        var resumed = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
        {
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|005930{Rest}");
            await resumed.Task;
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|005930{Rest}");
            await ScriptedServer.SendAsync(socket, $"0|H0UNPGM0|001|005930{Rest}");
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { RunClock = _clock });
        await using var tap = client.OpenTap();
        await tap.AddAsync(ProgramTrade.Consolidated.Schema, "005930");
        var items = new List<(FeedEvent? Event, DateTimeOffset At)>();
        await foreach (var item in tap.ReadAllAsync())
        {
            items.Add((item.Event, item.IsFrame ? item.Frame.ReceivedAt : default));
            if (item.IsFrame && items.Count(i => i.Event is null) == 1)
            {
                _clock.Advance(TimeSpan.FromSeconds(69));
                resumed.SetResult();
            }

            if (items.Count(i => i.Event is null) == 3)
                break;
        }

        items.Select(i => i.Event?.GetType().Name ?? "frame")
            .ShouldBe(["SessionConnected", "RegistrationConfirmed", "FirstFrame", "frame", "Interruption", "Gap", "frame", "frame"]);
        ((Interruption)items[4].Event!).Reason.ShouldBe(GapReason.Paused);
        var gap = (Gap)items[5].Event!;
        gap.Reason.ShouldBe(GapReason.Paused);
        (gap.From, gap.To).ShouldBe((items[3].At, items[6].At));
    }
}

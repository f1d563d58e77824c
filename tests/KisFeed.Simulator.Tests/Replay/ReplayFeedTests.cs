using KisFeed.Simulator.Replay;

namespace KisFeed.Simulator.Tests.Replay;

public sealed class ReplayFeedTests
{
    private static readonly ReplayOptions s_immediate = ReplayHarness.Options with { Speed = ReplaySpeed.Unlimited, Wait = 1 };

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(0.5)]
    public async Task Frames_are_sent_at_their_intervals_divided_by_the_speed(double speed)
    {
        await using var replay = ReplayHarness.Open(ReplayHarness.Options with { Speed = speed }, ReplayHarness.Frames(0, 0, 400, 1200));
        var client = new FakeConnection();
        await replay.RegisterAsync(client);
        await replay.BeginAsync();

        (await client.NextAsync(2)).ShouldBe([ReplayHarness.Frame(0), ReplayHarness.Frame(1)]);
        await replay.Time.TimerDueInAsync(TimeSpan.FromMilliseconds(400 / speed));
        replay.Time.Advance(TimeSpan.FromMilliseconds(400 / speed));
        (await client.NextAsync()).ShouldBe(ReplayHarness.Frame(2));
        await replay.Time.TimerDueInAsync(TimeSpan.FromMilliseconds(800 / speed));
        client.Waiting.ShouldBe(0);
        replay.Time.Advance(TimeSpan.FromMilliseconds(800 / speed));
        (await client.NextAsync()).ShouldBe(ReplayHarness.Frame(3));
        await replay.Feed.Ended.WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task Overdue_frames_are_sent_immediately_and_completely()
    {
        await using var replay = ReplayHarness.Open(
            ReplayHarness.Options with { Wait = 1 }, ReplayHarness.Frames([.. Enumerable.Range(0, 1000)]));
        var client = new FakeConnection();
        await replay.RegisterAsync(client);
        await client.NextAsync();
        await replay.Time.TimerDueInAsync(TimeSpan.FromMilliseconds(1));

        replay.Time.Advance(TimeSpan.FromHours(1));

        (await client.NextAsync(999)).ShouldBe(Enumerable.Range(1, 999).Select(ReplayHarness.Frame));
    }

    [Fact]
    public async Task It_starts_a_second_after_the_last_initial_registration_even_at_unlimited_speed()
    {
        await using var replay = ReplayHarness.Open(s_immediate with { Wait = null }, ReplayHarness.Frames(0, 1));
        var first = new FakeConnection();
        var second = new FakeConnection();
        await replay.RegisterAsync(first);
        await replay.Time.TimerDueInAsync(ReplayFeed.Quiet);
        replay.Time.Advance(TimeSpan.FromMilliseconds(900));
        await replay.RegisterAsync(second);
        await replay.Time.TimerDueInAsync(ReplayFeed.Quiet);
        replay.Time.Advance(TimeSpan.FromMilliseconds(999));
        first.Waiting.ShouldBe(0);

        replay.Time.Advance(TimeSpan.FromMilliseconds(1));

        (await first.NextAsync(2)).ShouldBe([ReplayHarness.Frame(0), ReplayHarness.Frame(1)]);
        (await second.NextAsync(2)).ShouldBe([ReplayHarness.Frame(0), ReplayHarness.Frame(1)]);
    }

    [Fact]
    public async Task It_starts_with_exactly_the_configured_number_of_registrations()
    {
        await using var replay = ReplayHarness.Open(s_immediate with { Wait = 3 }, ReplayHarness.Frames(0));
        var first = new FakeConnection();
        var second = new FakeConnection();
        await replay.RegisterAsync(first);
        var released = await replay.RegisterAsync(first, "1001");
        await replay.Feed.UnsubscribeAsync(released);
        await replay.RegisterAsync(second);
        replay.Time.Advance(TimeSpan.FromHours(1));
        replay.Readings.ShouldBe(0);

        await replay.RegisterAsync(second, "1001");

        (await first.NextAsync()).ShouldBe(ReplayHarness.Frame(0));
        (await second.NextAsync()).ShouldBe(ReplayHarness.Frame(0));
    }

    [Fact]
    public async Task It_pauses_while_nothing_is_registered()
    {
        await using var replay = ReplayHarness.Open(ReplayHarness.Options with { Wait = 1 }, ReplayHarness.Frames(0, 1000));
        var client = new FakeConnection();
        var registration = await replay.RegisterAsync(client);
        await client.NextAsync();
        await replay.Time.TimerDueInAsync(TimeSpan.FromSeconds(1));
        replay.Time.Advance(TimeSpan.FromMilliseconds(300));

        await replay.Feed.UnsubscribeAsync(registration);
        replay.Time.Advance(TimeSpan.FromHours(1));
        await replay.RegisterAsync(client, "1001");
        await replay.Feed.SubscribeAsync(registration);
        await replay.Time.TimerDueInAsync(TimeSpan.FromMilliseconds(700));
        client.Waiting.ShouldBe(0);
        replay.Time.Advance(TimeSpan.FromMilliseconds(700));

        (await client.NextAsync()).ShouldBe(ReplayHarness.Frame(1));
        replay.Readings.ShouldBe(1);
    }

    [Fact]
    public async Task After_the_end_it_restarts_once_all_clients_have_left_and_one_returns()
    {
        await using var replay = ReplayHarness.Open(s_immediate, ReplayHarness.Frames(0, 1));
        var first = new FakeConnection();
        await replay.RegisterAsync(first);
        await first.NextAsync(2);
        await replay.Feed.Ended.WaitAsync(Patience.Limit);
        var late = new FakeConnection();
        await replay.RegisterAsync(late);
        await replay.Log.EventAsync("TooLate");

        await replay.LeaveAsync(first);
        late.Waiting.ShouldBe(0);
        await replay.LeaveAsync(late);
        await replay.Log.EventAsync("AllLeft");
        var next = new FakeConnection();
        await replay.RegisterAsync(next);

        (await next.NextAsync(2)).ShouldBe([ReplayHarness.Frame(0), ReplayHarness.Frame(1)]);
        replay.Readings.ShouldBe(2);
        late.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task It_restarts_after_all_clients_left_before_the_end()
    {
        await using var replay = ReplayHarness.Open(ReplayHarness.Options with { Wait = 1 }, ReplayHarness.Frames(0, 3_600_000));
        var first = new FakeConnection();
        await replay.RegisterAsync(first);
        await first.NextAsync();
        await replay.Time.TimerDueInAsync(TimeSpan.FromHours(1));
        replay.Time.Advance(TimeSpan.FromMinutes(30));
        await replay.LeaveAsync(first);

        var next = new FakeConnection();
        await replay.RegisterAsync(next);

        (await next.NextAsync()).ShouldBe(ReplayHarness.Frame(0));
        await replay.Time.TimerDueInAsync(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_loop_restarts_at_the_end_and_never_ends()
    {
        await using var replay = ReplayHarness.Open(ReplayHarness.Options with { Loop = true, Wait = 1 }, ReplayHarness.Frames(0, 10));
        var client = new FakeConnection();
        await replay.RegisterAsync(client);
        for (var i = 0; i < 3; i++)
        {
            (await client.NextAsync()).ShouldBe(ReplayHarness.Frame(0));
            await replay.Time.TimerDueInAsync(TimeSpan.FromMilliseconds(10));
            replay.Time.Advance(TimeSpan.FromMilliseconds(10));
            (await client.NextAsync()).ShouldBe(ReplayHarness.Frame(1));
        }

        replay.Feed.Ended.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_capture_without_frames_ends_even_in_a_loop()
    {
        await using var replay = ReplayHarness.Open(s_immediate with { Loop = true });
        await replay.RegisterAsync(new FakeConnection());
        await replay.Feed.Ended.WaitAsync(Patience.Limit);
        await replay.Log.EventAsync("Empty");
        replay.Readings.ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_does_not_read_delays_frames_and_none_is_dropped()
    {
        await using var replay = ReplayHarness.Open(s_immediate with { Wait = 2 }, ReplayHarness.Frames([.. Enumerable.Range(0, 600)]));
        var slow = new FakeConnection();
        slow.Fill();
        var fast = new FakeConnection();
        await replay.RegisterAsync(slow);
        await replay.RegisterAsync(fast);
        await replay.Time.TimerDueInAsync(ReplayHarness.SlowClientLimit);
        replay.Time.Advance(ReplayHarness.SlowClientLimit - TimeSpan.FromTicks(1));
        slow.Waiting.ShouldBe(1);
        fast.Waiting.ShouldBe(1);

        slow.Drain();

        (await slow.NextAsync(600)).ShouldBe(Enumerable.Range(0, 600).Select(ReplayHarness.Frame));
        (await fast.NextAsync(600)).ShouldBe(Enumerable.Range(0, 600).Select(ReplayHarness.Frame));
        slow.IsCut.ShouldBeFalse();
    }

    [Fact]
    public async Task A_client_that_does_not_read_in_time_is_disconnected_and_the_others_receive_everything()
    {
        await using var replay = ReplayHarness.Open(s_immediate with { Wait = 2 }, ReplayHarness.Frames([.. Enumerable.Range(0, 600)]));
        var slow = new FakeConnection();
        slow.Fill();
        var fast = new FakeConnection();
        await replay.RegisterAsync(slow);
        await replay.RegisterAsync(fast);
        await replay.Time.TimerDueInAsync(ReplayHarness.SlowClientLimit);

        replay.Time.Advance(ReplayHarness.SlowClientLimit);

        await slow.WhenCut;
        (await fast.NextAsync(600)).ShouldBe(Enumerable.Range(0, 600).Select(ReplayHarness.Frame));
    }

    [Fact]
    public async Task Keys_missing_in_the_capture_are_logged_at_its_end()
    {
        await using var replay = ReplayHarness.Open(s_immediate with { Wait = 3 }, ReplayHarness.Frames(0));
        var client = new FakeConnection();
        await replay.RegisterAsync(client);
        await replay.RegisterAsync(client, "9999");
        await replay.RegisterAsync(client, "MYHTSID", "H0IFCNI0");
        await replay.Feed.Ended.WaitAsync(Patience.Limit);

        var missing = replay.Log.Entries.Select(entry => entry.Text).Where(text => text.Contains("held nothing", StringComparison.Ordinal))
            .ToList();
        missing.Count.ShouldBe(2);
        missing.ShouldContain(text => text.Contains("H0UPCNT0 9999", StringComparison.Ordinal));
        replay.Log.Entries.ShouldAllBe(entry => !entry.Text.Contains("MYHTSID", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failing_capture_disconnects_its_clients()
    {
        await using var replay = ReplayHarness.Open(s_immediate, new ReplayFrame[] { new(null!, Ticks.Index(0), Ticks.Opening) });
        var client = new FakeConnection();
        await replay.RegisterAsync(client);
        await client.WhenCut;
        await Should.ThrowAsync<Exception>(() => replay.Feed.Ended.WaitAsync(Patience.Limit));
    }

    [Theory]
    [InlineData("SAMSUNG!", false)]
    [InlineData("5930", false)]
    [InlineData("005930", true)]
    [InlineData("Q00001", true)]
    public async Task A_key_is_accepted_if_it_has_the_format_of_the_feed(string key, bool isAccepted)
    {
        await using var replay = ReplayHarness.Open(s_immediate);
        replay.Feed.IsWellFormed("H0NXPGM0", key).ShouldBe(isAccepted);
    }
}

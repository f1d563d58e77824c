using KisFeed.Replay.Playing;

namespace KisFeed.Replay.Tests.Playing;

public sealed class ReplayFeedTests
{
    private static readonly ReplaySettings s_atOnce = new() { Speed = ReplaySpeed.Unlimited, Wait = 1 };

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(0.5)]
    public async Task Frames_come_with_the_time_between_them_by_the_speed(double speed)
    {
        await using var stage = Stage.Open(new ReplaySettings { Speed = speed }, Stage.Frames(0, 0, 400, 1200));
        var listener = new Listener();
        await stage.RegisterAsync(listener);
        await stage.BeginAsync();

        (await listener.NextAsync(2)).ShouldBe([Stage.Frame(0), Stage.Frame(1)]);
        await stage.Time.TimerDueInAsync(TimeSpan.FromMilliseconds(400 / speed));
        stage.Time.Advance(TimeSpan.FromMilliseconds(400 / speed));
        (await listener.NextAsync()).ShouldBe(Stage.Frame(2));
        await stage.Time.TimerDueInAsync(TimeSpan.FromMilliseconds(800 / speed));
        listener.Waiting.ShouldBe(0);
        stage.Time.Advance(TimeSpan.FromMilliseconds(800 / speed));
        (await listener.NextAsync()).ShouldBe(Stage.Frame(3));
        await stage.Feed.Ended.WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task What_fell_due_while_it_was_late_comes_at_once_and_complete()
    {
        await using var stage = Stage.Open(new ReplaySettings { Wait = 1 }, Stage.Frames([.. Enumerable.Range(0, 1000)]));
        var listener = new Listener();
        await stage.RegisterAsync(listener);
        await listener.NextAsync();
        await stage.Time.TimerDueInAsync(TimeSpan.FromMilliseconds(1));

        stage.Time.Advance(TimeSpan.FromHours(1));

        (await listener.NextAsync(999)).ShouldBe(Enumerable.Range(1, 999).Select(Stage.Frame));
    }

    [Fact]
    public async Task It_begins_a_second_after_the_last_of_the_first_registrations_even_without_limit()
    {
        await using var stage = Stage.Open(s_atOnce with { Wait = null }, Stage.Frames(0, 1));
        var first = new Listener();
        var second = new Listener();
        await stage.RegisterAsync(first);
        await stage.Time.TimerDueInAsync(ReplayFeed.Quiet);
        stage.Time.Advance(TimeSpan.FromMilliseconds(900));
        await stage.RegisterAsync(second);
        await stage.Time.TimerDueInAsync(ReplayFeed.Quiet);
        stage.Time.Advance(TimeSpan.FromMilliseconds(999));
        first.Waiting.ShouldBe(0);

        stage.Time.Advance(TimeSpan.FromMilliseconds(1));

        (await first.NextAsync(2)).ShouldBe([Stage.Frame(0), Stage.Frame(1)]);
        (await second.NextAsync(2)).ShouldBe([Stage.Frame(0), Stage.Frame(1)]);
    }

    [Fact]
    public async Task It_begins_with_exactly_as_many_registrations_as_are_waited_for()
    {
        await using var stage = Stage.Open(s_atOnce with { Wait = 3 }, Stage.Frames(0));
        var first = new Listener();
        var second = new Listener();
        await stage.RegisterAsync(first);
        var released = await stage.RegisterAsync(first, "1001");
        await stage.Feed.UnsubscribeAsync(released);
        await stage.RegisterAsync(second);
        stage.Time.Advance(TimeSpan.FromHours(1));
        stage.Readings.ShouldBe(0);

        await stage.RegisterAsync(second, "1001");

        (await first.NextAsync()).ShouldBe(Stage.Frame(0));
        (await second.NextAsync()).ShouldBe(Stage.Frame(0));
    }

    [Fact]
    public async Task It_stands_still_while_nobody_is_registered()
    {
        await using var stage = Stage.Open(new ReplaySettings { Wait = 1 }, Stage.Frames(0, 1000));
        var listener = new Listener();
        var registration = await stage.RegisterAsync(listener);
        await listener.NextAsync();
        await stage.Time.TimerDueInAsync(TimeSpan.FromSeconds(1));
        stage.Time.Advance(TimeSpan.FromMilliseconds(300));

        await stage.Feed.UnsubscribeAsync(registration);
        stage.Time.Advance(TimeSpan.FromHours(1));
        await stage.RegisterAsync(listener, "1001");
        await stage.Feed.SubscribeAsync(registration);
        await stage.Time.TimerDueInAsync(TimeSpan.FromMilliseconds(700));
        listener.Waiting.ShouldBe(0);
        stage.Time.Advance(TimeSpan.FromMilliseconds(700));

        (await listener.NextAsync()).ShouldBe(Stage.Frame(1));
        stage.Readings.ShouldBe(1);
    }

    [Fact]
    public async Task At_the_end_nothing_more_comes_until_everybody_has_left_and_somebody_comes_anew()
    {
        await using var stage = Stage.Open(s_atOnce, Stage.Frames(0, 1));
        var first = new Listener();
        await stage.RegisterAsync(first);
        await first.NextAsync(2);
        await stage.Feed.Ended.WaitAsync(Patience.Limit);
        var late = new Listener();
        await stage.RegisterAsync(late);
        await stage.Log.EventAsync(55);

        await stage.LeaveAsync(first);
        late.Waiting.ShouldBe(0);
        await stage.LeaveAsync(late);
        await stage.Log.EventAsync(52);
        var next = new Listener();
        await stage.RegisterAsync(next);

        (await next.NextAsync(2)).ShouldBe([Stage.Frame(0), Stage.Frame(1)]);
        stage.Readings.ShouldBe(2);
        late.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task Who_comes_after_everybody_has_left_in_the_middle_gets_the_beginning()
    {
        await using var stage = Stage.Open(new ReplaySettings { Wait = 1 }, Stage.Frames(0, 3_600_000));
        var first = new Listener();
        await stage.RegisterAsync(first);
        await first.NextAsync();
        await stage.Time.TimerDueInAsync(TimeSpan.FromHours(1));
        stage.Time.Advance(TimeSpan.FromMinutes(30));
        await stage.LeaveAsync(first);

        var next = new Listener();
        await stage.RegisterAsync(next);

        (await next.NextAsync()).ShouldBe(Stage.Frame(0));
        await stage.Time.TimerDueInAsync(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_loop_begins_again_at_the_end_and_never_ends()
    {
        await using var stage = Stage.Open(new ReplaySettings { Loop = true, Wait = 1 }, Stage.Frames(0, 10));
        var listener = new Listener();
        await stage.RegisterAsync(listener);
        for (var i = 0; i < 3; i++)
        {
            (await listener.NextAsync()).ShouldBe(Stage.Frame(0));
            await stage.Time.TimerDueInAsync(TimeSpan.FromMilliseconds(10));
            stage.Time.Advance(TimeSpan.FromMilliseconds(10));
            (await listener.NextAsync()).ShouldBe(Stage.Frame(1));
        }

        stage.Feed.Ended.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_capture_without_frames_is_at_its_end_even_as_a_loop()
    {
        await using var stage = Stage.Open(s_atOnce with { Loop = true });
        await stage.RegisterAsync(new Listener());
        await stage.Feed.Ended.WaitAsync(Patience.Limit);
        await stage.Log.EventAsync(53);
        stage.Readings.ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_the_frames_up_and_nothing_is_dropped()
    {
        await using var stage = Stage.Open(s_atOnce with { Wait = 2 }, Stage.Frames([.. Enumerable.Range(0, 600)]));
        var slow = new Listener();
        slow.Fill();
        var steady = new Listener();
        await stage.RegisterAsync(slow);
        await stage.RegisterAsync(steady);
        await stage.Time.TimerDueInAsync(Stage.SlowClientLimit);
        stage.Time.Advance(Stage.SlowClientLimit - TimeSpan.FromTicks(1));
        slow.Waiting.ShouldBe(1);
        steady.Waiting.ShouldBe(1);

        slow.Drain();

        (await slow.NextAsync(600)).ShouldBe(Enumerable.Range(0, 600).Select(Stage.Frame));
        (await steady.NextAsync(600)).ShouldBe(Enumerable.Range(0, 600).Select(Stage.Frame));
        slow.IsCut.ShouldBeFalse();
    }

    [Fact]
    public async Task A_client_that_does_not_read_in_time_is_cut_and_the_others_get_everything()
    {
        await using var stage = Stage.Open(s_atOnce with { Wait = 2 }, Stage.Frames([.. Enumerable.Range(0, 600)]));
        var slow = new Listener();
        slow.Fill();
        var steady = new Listener();
        await stage.RegisterAsync(slow);
        await stage.RegisterAsync(steady);
        await stage.Time.TimerDueInAsync(Stage.SlowClientLimit);

        stage.Time.Advance(Stage.SlowClientLimit);

        await slow.WhenCut;
        (await steady.NextAsync(600)).ShouldBe(Enumerable.Range(0, 600).Select(Stage.Frame));
    }

    [Fact]
    public async Task What_the_capture_does_not_hold_is_said_at_its_end()
    {
        await using var stage = Stage.Open(s_atOnce with { Wait = 3 }, Stage.Frames(0));
        var listener = new Listener();
        await stage.RegisterAsync(listener);
        await stage.RegisterAsync(listener, "9999");
        await stage.RegisterAsync(listener, "MYHTSID", "H0IFCNI0");
        await stage.Feed.Ended.WaitAsync(Patience.Limit);

        var missing = stage.Log.Entries.Select(entry => entry.Text).Where(text => text.Contains("held nothing", StringComparison.Ordinal)).ToList();
        missing.Count.ShouldBe(2);
        missing.ShouldContain(text => text.Contains("H0UPCNT0 9999", StringComparison.Ordinal));
        stage.Log.Entries.ShouldAllBe(entry => !entry.Text.Contains("MYHTSID", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_capture_that_fails_cuts_those_who_wait_for_it()
    {
        await using var stage = Stage.Open(s_atOnce, new ReplayFrame[] { new(null!, Ticks.Index(0), Ticks.Opening) });
        var listener = new Listener();
        await stage.RegisterAsync(listener);
        await listener.WhenCut;
        await Should.ThrowAsync<Exception>(() => stage.Feed.Ended.WaitAsync(Patience.Limit));
    }

    [Theory]
    [InlineData("SAMSUNG!", false)]
    [InlineData("5930", false)]
    [InlineData("005930", true)]
    [InlineData("Q00001", true)]
    public async Task A_key_is_taken_where_it_has_the_form_of_the_feeds_keys_whether_or_not_the_capture_holds_it(string key, bool isTaken)
    {
        await using var stage = Stage.Open(s_atOnce);
        stage.Feed.IsWellFormed("H0NXPGM0", key).ShouldBe(isTaken);
    }
}

using System.Collections.Concurrent;

namespace KisFeed.Capture.Tests.Recording;

/// <summary>A recorder never gives up: every failure is retried.</summary>
public sealed class RecorderRetryTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(typeof(IOException), "the folder cannot be written to")]
    [InlineData(typeof(UnauthorizedAccessException), "permission denied")]
    [InlineData(typeof(OutOfMemoryException), "out of memory")]
    [InlineData(typeof(InvalidOperationException), "unexpected error (InvalidOperationException)")]
    public async Task Any_failure_is_retried_and_no_frame_is_lost(Type failure, string summary)
    {
        var fails = true;
        await using var service = await NumberedService.StartAsync(new() { Frames = 1_000 });
        await using var recording = await RunningRecorder.StartAsync(service, RunningRecorder.OptionsFor(_folder.Path) with
        {
            FlushInterval = TimeSpan.FromMilliseconds(1),
            RetryInterval = TimeSpan.FromMilliseconds(1),
            BeforeFlush = () =>
            {
                if (Volatile.Read(ref fails))
                    throw (Exception)Activator.CreateInstance(failure)!;
            },
        });
        var failing = await recording.UntilAsync(s => s.Failures > 3);
        (failing.ProblemSummary, failing.HasEnded, failing.Problem is null).ShouldBe((summary, false, false));

        Volatile.Write(ref fails, false);
        await recording.UntilAsync(s => s is { Problem: null, ProblemSummary: null, Flushed: 1_000 });
        (await Recorded.ReadAsync(_folder.Files)).Numbers.Count().ShouldBe(1_000);
    }

    [Fact]
    public async Task The_delay_between_attempts_grows_up_to_a_limit()
    {
        var time = new ManualTimeProvider();
        var attempts = 0;
        await using var service = await NumberedService.StartAsync(new() { Frames = 1 });
        await using var recording = await RunningRecorder.StartAsync(service, RunningRecorder.OptionsFor(_folder.Path) with
        {
            TimeProvider = time,
            FlushInterval = TimeSpan.FromSeconds(30),
            RetryInterval = TimeSpan.FromSeconds(1),
            MaxRetryInterval = TimeSpan.FromSeconds(5),
            StopTimeout = TimeSpan.Zero,
            BeforeFlush = () =>
            {
                Interlocked.Increment(ref attempts);
                throw new IOException("No space left on device");
            },
        });
        await time.TimerDueInAsync(TimeSpan.FromSeconds(30));
        time.Advance(TimeSpan.FromSeconds(30));
        foreach (var seconds in new[] { 1, 2, 4, 5, 5 })
        {
            await time.TimerDueInAsync(TimeSpan.FromSeconds(seconds));
            time.Advance(TimeSpan.FromSeconds(seconds));
        }

        await recording.UntilAsync(s => s.Failures == 6);
        Volatile.Read(ref attempts).ShouldBe(6);
    }

    [Fact]
    public async Task A_recorder_writes_on_one_thread()
    {
        ConcurrentDictionary<int, int> threads = [];
        await using var service = await NumberedService.StartAsync(new() { Pause = TimeSpan.FromMilliseconds(1) });
        await using var recording = await RunningRecorder.StartAsync(service, RunningRecorder.OptionsFor(_folder.Path) with
        {
            FlushInterval = TimeSpan.FromMilliseconds(1),
            BeforeFlush = () => threads.AddOrUpdate(Environment.CurrentManagedThreadId, 1, (_, count) => count + 1),
        });
        await recording.UntilAsync(_ => threads.Values.Sum() > 20);
        await recording.Recorder.StopAsync();
        threads.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_frame_that_cannot_be_encoded_is_recorded_as_a_gap()
    {
        var frames = 0;
        await using var service = await NumberedService.StartAsync(new() { Frames = 100 });
        await using var recording = await RunningRecorder.StartAsync(service, RunningRecorder.OptionsFor(_folder.Path) with
        {
            FlushInterval = TimeSpan.FromMilliseconds(1),
            BeforeWrite = item =>
            {
                if (item.IsFrame && ++frames == 50)
                    throw new InvalidOperationException();
            },
        });
        await recording.UntilAsync(s => s.Flushed == 99);
        var end = await recording.Recorder.StopAsync();
        (end.Withheld, end.Gaps, end.Lost, end.Problem).ShouldBe((1, 1, 0, null));
        var recorded = await Recorded.ReadAsync(_folder.Path);
        recorded.Numbers.Count().ShouldBe(99);
        recorded.Events.Single(e => e.Kind == CaptureEventKind.Gap)
            .ShouldSatisfyAllConditions(gap => gap.Reason.ShouldBe(GapReason.NotRecorded), gap => gap.Frames.ShouldBe(1));
    }

    [Fact]
    public async Task A_frame_is_retried_after_out_of_memory()
    {
        var (frames, failures) = (0, 0);
        await using var service = await NumberedService.StartAsync(new() { Frames = 100 });
        await using var recording = await RunningRecorder.StartAsync(service, RunningRecorder.OptionsFor(_folder.Path) with
        {
            FlushInterval = TimeSpan.FromMilliseconds(1),
            RetryInterval = TimeSpan.FromMilliseconds(1),
            BeforeWrite = item =>
            {
                if (!item.IsFrame || ++frames is not (>= 50 and < 53))
                    return;
                failures++;
#pragma warning disable MA0012 // The runtime throws it.
                throw Activator.CreateInstance<OutOfMemoryException>();
#pragma warning restore MA0012
            },
        });
        await recording.UntilAsync(s => s is { Flushed: 100, Problem: null });
        var end = await recording.Recorder.StopAsync();
        (failures, end.Withheld, end.Gaps, end.Lost).ShouldBe((3, 0, 0, 0));
        (await Recorded.ReadAsync(_folder.Path)).Numbers.Select(n => n.Number).ShouldBe(Enumerable.Range(0, 100));
    }

    [Fact]
    public async Task A_write_that_does_not_return_is_a_problem_until_it_returns()
    {
        var time = new ManualTimeProvider();
        using var stuck = new ManualResetEventSlim();
        using var writing = new ManualResetEventSlim();
        await using var service = await NumberedService.StartAsync(new() { Frames = 10 });
        await using var recording = await RunningRecorder.StartAsync(service, RunningRecorder.OptionsFor(_folder.Path) with
        {
            TimeProvider = time,
            BeforeFlush = () =>
            {
                writing.Set();
                stuck.Wait(Patience.Limit).ShouldBeTrue();
            },
        });
        await recording.UntilAsync(s => s.Received == 10);
        await time.TimerDueInAsync(TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(1));
        await Patience.UntilAsync(() => writing.IsSet);
        recording.Recorder.Status.Problem.ShouldBeNull();

        time.Advance(TimeSpan.FromSeconds(12));
        var hung = recording.Recorder.Status;
        (hung.Problem, hung.ProblemSummary, hung.ProblemSince)
            .ShouldBe(("a write has not returned for 12 s", "a write does not return", time.GetUtcNow().AddSeconds(-12)));

        stuck.Set();
        await recording.UntilAsync(s => s.Problem is null && s.LastFlushAt is not null);
    }
}

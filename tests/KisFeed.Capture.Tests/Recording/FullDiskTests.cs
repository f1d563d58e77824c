namespace KisFeed.Capture.Tests.Recording;

/// <summary>A disk that is really full: a small file system in memory, which only root can mount.</summary>
public sealed class FullDiskTests(ITestOutputHelper output) : IDisposable
{
    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_session_continues_losses_are_counted_per_frame_and_recording_resumes_after_space_is_freed()
    {
        if (!await TryRunAsync("mount", "-t", "tmpfs", "-o", "size=256k", "kisfeed-test", _folder.Path))
        {
            output.WriteLine("cannot mount a file system here; the test was skipped");
            return;
        }

        try
        {
            await FillAndFreeAsync();
        }
        finally
        {
            (await TryRunAsync("umount", _folder.Path)).ShouldBeTrue();
        }
    }

    private async Task FillAndFreeAsync()
    {
        await using var service = await NumberedService.StartAsync(new() { Pause = TimeSpan.FromMilliseconds(2) });
        var options = RunningRecorder.OptionsFor(_folder.Path) with
        {
            FlushInterval = TimeSpan.FromMilliseconds(20),
            Tap = new FrameTapOptions { Capacity = 1_000 },
        };
        await using var recording = await RunningRecorder.StartAsync(service, options);
        var seen = 0L;
        await using var subscription = await recording.Client.SubscribeAsync(
            IndexTrade.Feed, "0001", (in _) => Interlocked.Increment(ref seen));

        var full = await recording.UntilAsync(s => s.Problem is not null && s.Dropped > 1_000);
        var seenWhenFull = Interlocked.Read(ref seen);
        await recording.UntilAsync(s => s.Received > full.Received + 1_000 && Interlocked.Read(ref seen) > seenWhenFull);
        recording.Recorder.Status.Flushed.ShouldBe(full.Flushed);
        output.WriteLine($"full after {full.Flushed} frames in {full.Bytes} bytes: {full.Problem}");

        (await TryRunAsync("mount", "-o", "remount,size=64m", _folder.Path)).ShouldBeTrue();
        var resumed = await recording.UntilAsync(s => s.Problem is null && s.Flushed > full.Flushed + 3_000);
        await service.PauseAsync();
        var end = await recording.Recorder.StopAsync();
        output.WriteLine(
            $"{end.Flushed} of {end.Received} frames recorded, {end.Dropped} dropped, {end.Gaps} gaps, {end.Failures} failures");

        (end.Flushed + end.Dropped, end.Lost).ShouldBe((end.Received, 0));
        recording.Client.Sessions.Single().Connections.ShouldBe(1);
        resumed.Failures.ShouldBeGreaterThan(0);
        subscription.Dropped.ShouldBe(0);
        var recorded = await Recorded.ReadAsync(_folder.Path);
        recorded.ShouldBeWhatWasSent();
        recorded.ShouldAddUp(0, (int)end.Received);
        recorded.Events.Count(e => e.Kind == CaptureEventKind.Storage).ShouldBeGreaterThan(0);
        foreach (var file in _folder.Files)
            (await TryRunAsync("gzip", "-t", file)).ShouldBeTrue(file);
    }

    private static async Task<bool> TryRunAsync(string program, params string[] arguments) =>
        await ProcessRunner.TryRunAsync(program, arguments, Patience.Limit) is not null;
}

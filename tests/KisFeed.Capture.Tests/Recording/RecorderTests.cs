using KisFeed.Capture.Inspection;

namespace KisFeed.Capture.Tests.Recording;

public sealed class RecorderTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Received_frames_are_recorded_unchanged_in_order_across_feeds()
    {
        await using var service = await NumberedService.StartAsync(new() { Frames = 20_000 });
        await using var recording = await RunningRecorder.StartAsync(service, RunningRecorder.OptionsFor(_folder.Path));
        await recording.UntilAsync(s => s.Received == 20_000);
        var end = await recording.Recorder.StopAsync();

        (end.HasEnded, end.Flushed, end.Dropped, end.Lost, end.Gaps, end.Waiting, end.Problem).ShouldBe((true, 20_000, 0, 0, 0, 0, null));
        await recording.Recorder.Completion;
        var recorded = await Recorded.ReadAsync(_folder.Path);
        recorded.ShouldBeWhatWasSent();
        recorded.Numbers.ShouldBe(Enumerable.Range(0, 20_000).Select(i => (0, i)));
        recorded.Events.Where(e => e.TrId == "H0UPCNT0").Select(e => $"{e.Kind} {e.Key}".TrimEnd())
            .ShouldBe(["Capture", "Registered 0001", "Registered 1001", "First 0001", "First 1001", "Released 0001", "Released 1001"]);
        recorded.Events.Count(e => e.Kind == CaptureEventKind.Closed).ShouldBe(2, "one in each file");
        end.Files.ShouldBe(2);
        end.Bytes.ShouldBe(_folder.Files.Sum(f => new FileInfo(f).Length));
    }

    [Fact]
    public async Task Received_frames_are_flushed_at_the_interval_without_further_frames()
    {
        var time = new ManualTimeProvider();
        await using var service = await NumberedService.StartAsync(new() { Frames = 10 });
        await using var recording = await RunningRecorder.StartAsync(
            service, RunningRecorder.OptionsFor(_folder.Path) with { TimeProvider = time, FlushInterval = TimeSpan.FromSeconds(1) });
        await recording.UntilAsync(s => s.Received == 10);
        while (recording.Recorder.Status.Flushed < 10)
        {
            await time.TimerDueInAsync(TimeSpan.FromSeconds(1));
            time.Advance(TimeSpan.FromSeconds(1));
            await recording.UntilAsync(s => s.LastFlushAt == time.GetUtcNow());
        }

        recording.Recorder.Status.Waiting.ShouldBe(0);
        (await Recorded.ReadAsync(_folder.Files)).Numbers.Count().ShouldBe(10);
    }

    [Fact]
    public async Task Expired_files_are_deleted_at_the_start_and_hourly_without_traffic()
    {
        var time = new ManualTimeProvider();
        var older = WriteDayBefore(days: 3);
        var newer = WriteDayBefore(days: 1);
        newer.ShouldNotBe(older, StringComparer.Ordinal);
        await using var service = await NumberedService.StartAsync(new() { Frames = 0 });
        await using var recording = await RunningRecorder.StartAsync(
            service,
            RunningRecorder.OptionsFor(_folder.Path) with { TimeProvider = time, Retention = new CaptureRetention { KeepDays = 2 } });
        await Patience.UntilAsync(() => !File.Exists(older));
        File.Exists(newer).ShouldBeTrue();

        time.Advance(TimeSpan.FromHours(23));
        await time.TimerDueInAsync(TimeSpan.FromHours(1));
        time.Advance(TimeSpan.FromHours(1));

        await Patience.UntilAsync(() => !File.Exists(newer));

        string WriteDayBefore(int days)
        {
            using var writer = _folder.Write();
            writer.Write("H0UPCNT0", Ticks.Index(0), time.GetUtcNow().AddDays(-days));
            writer.Close();
            return _folder.Files[^1];
        }
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task Files_over_the_size_limit_are_deleted_whenever_a_new_file_starts()
    {
        await using var service = await NumberedService.StartAsync(new() { Burst = 200, Pause = TimeSpan.FromMilliseconds(1) });
        var options = RunningRecorder.OptionsFor(_folder.Path);
        await using var recording = await RunningRecorder.StartAsync(service, options with
        {
            Writer = options.Writer with { MaxFileBytes = 1 << 16 },
            FlushInterval = TimeSpan.FromMilliseconds(20),
            Retention = new CaptureRetention { MaxBytes = 1 << 19 },
        });

        await recording.UntilAsync(s => s.Bytes > 4 << 20);
        var end = await recording.Recorder.StopAsync();

        (end.LostFiles, end.Lost).ShouldBe((0, 0));
        _folder.Files.Sum(path => new FileInfo(path).Length).ShouldBeLessThan(2 << 20);
        (await CaptureInspection.RunAsync(CaptureReader.Open(_folder.Path))).IsSound.ShouldBeTrue();
    }

    [Fact]
    public async Task Frames_received_during_a_flush_are_flushed_within_the_interval()
    {
        var time = new ManualTimeProvider();
        RunningRecorder? running = null;
        var flushes = 0;
        await using var service = await NumberedService.StartAsync(new() { Pause = TimeSpan.FromMilliseconds(1) });
        await using var recording = running = await RunningRecorder.StartAsync(service, RunningRecorder.OptionsFor(_folder.Path) with
        {
            TimeProvider = time,
            FlushInterval = TimeSpan.FromSeconds(1),
            BeforeFlush = () =>
            {
                if (Interlocked.Increment(ref flushes) > 1)
                    return;
                var before = running!.Recorder.Status.Received;
                SpinWait.SpinUntil(() => running.Recorder.Status.Received > before + 50, Patience.Limit).ShouldBeTrue();
                time.Advance(TimeSpan.FromMilliseconds(300));
            },
        });
        await recording.UntilAsync(s => s.Received > 0);
        await time.TimerDueInAsync(TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(1));

        // 300 ms have passed, and the next flush is expected to take as long.
        await time.TimerDueInAsync(TimeSpan.FromMilliseconds(400));
        Volatile.Read(ref flushes).ShouldBe(1);
    }

    [Fact]
    public async Task A_failing_disk_does_not_block_the_session_and_every_lost_frame_is_counted()
    {
        var isFull = true;
        await using var service = await NumberedService.StartAsync(new() { Frames = 30_000 });
        var options = RunningRecorder.OptionsFor(_folder.Path) with
        {
            FlushInterval = TimeSpan.FromMilliseconds(10),
            Tap = new FrameTapOptions { Capacity = 500 },
            BeforeFlush = () =>
            {
                if (Volatile.Read(ref isFull))
                    throw new IOException("No space left on device");
            },
        };
        await using var recording = await RunningRecorder.StartAsync(service, options);
        await using var subscription = await recording.Client.SubscribeAsync(IndexTrade.Feed, "0001");
        var failing = await recording.UntilAsync(s => s.Received == 30_000 && s.Dropped > 0 && s.Failures > 1);
        (failing.Problem, failing.Flushed, failing.LastFlushAt).ShouldBe(("No space left on device", 0, null));
        failing.ProblemSince.ShouldNotBeNull();
        (subscription.Dropped + subscription.QueueDepth).ShouldBeGreaterThan(0, "the subscription continues");
        recording.Client.Sessions.Single().Connections.ShouldBe(1);

        Volatile.Write(ref isFull, false);
        var back = await recording.UntilAsync(s => s.Problem is null && s.Waiting == 0);
        back.ProblemSince.ShouldBeNull();
        var end = await recording.Recorder.StopAsync();
        (end.Flushed + end.Dropped, end.Lost).ShouldBe((30_000, 0));
        var recorded = await Recorded.ReadAsync(_folder.Path);
        recorded.ShouldBeWhatWasSent();
        recorded.ShouldAddUp(0, 30_000);
        var storage = recorded.Events.Where(e => e.Kind == CaptureEventKind.Storage).ToList();
        storage.Count.ShouldBeInRange(1, 2, "in each file that existed, or else in the first");
        storage.ShouldAllBe(e => e.Text == "No space left on device" && e.From < e.To);
        recorded.Events.Where(e => e.Kind == CaptureEventKind.Clock).ShouldBeEmpty();
        end.Gaps.ShouldBe(recorded.Events.Count(e => e.Kind == CaptureEventKind.Gap));
    }

    [Fact]
    public async Task A_slow_disk_does_not_block_the_session_and_loses_nothing_within_the_queue()
    {
        using var slow = new ManualResetEventSlim();
        await using var service = await NumberedService.StartAsync(new() { Frames = 5_000 });
        await using var recording = await RunningRecorder.StartAsync(
            service,
            RunningRecorder.OptionsFor(_folder.Path) with { FlushInterval = TimeSpan.FromMilliseconds(1), BeforeFlush = slow.Wait });
        var seen = 0;
        await using var subscription = await recording.Client.SubscribeAsync(
            BondTrade.Feed, NumberedService.Bond, (in _) => Interlocked.Increment(ref seen));
        await recording.UntilAsync(s => s.Received == 5_000);
        while (Volatile.Read(ref seen) < subscription.Received)
            await Task.Delay(1);
        recording.Recorder.Status.Flushed.ShouldBe(0);

        slow.Set();
        (await recording.Recorder.StopAsync()).Flushed.ShouldBe(5_000);
        (await Recorded.ReadAsync(_folder.Path)).Numbers.ShouldBe(Enumerable.Range(0, 5_000).Select(i => (0, i)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_removed_folder_is_reported_and_recording_continues_in_a_new_one(bool all)
    {
        await using var service = await NumberedService.StartAsync(new() { Pause = TimeSpan.FromMilliseconds(1) });
        await using var recording = await RunningRecorder.StartAsync(
            service, RunningRecorder.OptionsFor(_folder.Path) with { FlushInterval = TimeSpan.FromMilliseconds(20) });
        await recording.UntilAsync(s => s.Flushed > 100);
        foreach (var folder in all ? [_folder.Path] : Directory.GetDirectories(_folder.Path))
            Remove(folder);

        var lost = await recording.UntilAsync(s => s.LostFiles > 0);
        await recording.UntilAsync(s => s.Flushed > lost.Flushed + 500);
        await service.PauseAsync();
        var end = await recording.Recorder.StopAsync();
        (end.LostFiles, end.Dropped, end.Lost).ShouldBe((2, 0, 0));
        var recorded = await Recorded.ReadAsync(_folder.Path);
        recorded.ShouldBeWhatWasSent();
        // The files are written one after the other, so that of the other feed may be noticed a write later.
        var since = recorded.Frames.GroupBy(item => item.File.TrId, StringComparer.Ordinal)
            .Max(file => NumberedService.NumberOf(file.First().Frame.Bytes.Span).Number);
        recorded.Numbers.Select(n => n.Number).Where(number => number >= since)
            .ShouldBe(Enumerable.Range(since, (int)end.Received - since), "all frames received since");
        recorded.Events.Where(e => e.Kind == CaptureEventKind.Capture).ShouldAllBe(e => e.IsStart && e.Text != null);
    }

    [Fact]
    public async Task Frames_that_cannot_be_written_at_the_end_are_counted()
    {
        await using var service = await NumberedService.StartAsync(new() { Frames = 1_000 });
        var options = RunningRecorder.OptionsFor(_folder.Path) with
        {
            StopTimeout = TimeSpan.Zero,
            BeforeFlush = () => throw new IOException("No space left on device"),
            Tap = new FrameTapOptions { Capacity = 300 },
        };
        await using var recording = await RunningRecorder.StartAsync(service, options);
        await recording.UntilAsync(s => s.Received == 1_000);
        var end = await recording.Recorder.StopAsync();
        (end.HasEnded, end.Flushed, end.Lost + end.Dropped).ShouldBe((true, 0, 1_000));
        end.Problem.ShouldBe("No space left on device");
        (await Should.ThrowAsync<CaptureException>(recording.Recorder.Completion)).Message.ShouldContain($"{end.Lost} frames");
    }

    [Fact]
    public async Task Stopping_retries_a_failing_disk_until_the_timeout()
    {
        var failures = 0;
        await using var service = await NumberedService.StartAsync(new() { Frames = 1_000 });
        await using var recording = await RunningRecorder.StartAsync(service, RunningRecorder.OptionsFor(_folder.Path) with
        {
            StopTimeout = TimeSpan.FromMinutes(1),
            FlushInterval = TimeSpan.FromMilliseconds(1),
            BeforeFlush = () =>
            {
                if (Interlocked.Increment(ref failures) < 10)
                    throw new IOException("Input/output error");
            },
        });
        await recording.UntilAsync(s => s.Received == 1_000 && s.Problem is not null);
        var end = await recording.Recorder.StopAsync();
        (end.Flushed, end.Lost, end.Failures, end.Problem).ShouldBe((1_000, 0, 9, null));
    }

    [Fact]
    public async Task A_lost_connection_is_recorded()
    {
        await using var service = await NumberedService.StartAsync(new() { Frames = 200 });
        await using var recording = await RunningRecorder.StartAsync(service, RunningRecorder.OptionsFor(_folder.Path));
        await recording.UntilAsync(s => s.Received == 200);
        service.Drop(0);
        await recording.UntilAsync(s => s.Received == 400);
        await recording.Recorder.StopAsync();
        var recorded = await Recorded.ReadAsync(_folder.Path);
        recorded.ShouldBeWhatWasSent();
        recorded.Numbers.ShouldBe([.. Enumerable.Range(0, 200).Select(i => (0, i)), .. Enumerable.Range(0, 200).Select(i => (1, i))]);
        recorded.Events.Where(e => e.TrId is null or "H0BJCNT0").Select(e => e.Kind).ShouldBe(
            [
                CaptureEventKind.Connected, CaptureEventKind.Capture, CaptureEventKind.Registered, CaptureEventKind.First,
                CaptureEventKind.Interrupted, CaptureEventKind.Disconnected, CaptureEventKind.Disconnected, CaptureEventKind.Connected,
                CaptureEventKind.Connected, CaptureEventKind.Registered, CaptureEventKind.Gap, CaptureEventKind.Released,
                CaptureEventKind.Closed, CaptureEventKind.Closed,
            ]);
        var (gap, frames) = (recorded.Events.First(e => e.Kind == CaptureEventKind.Gap), recorded.Frames.ToList());
        var framesOfKey = frames.Where(f => Encoding.UTF8.GetString(f.Frame.Bytes.Span).Contains($"{gap.Key}^", StringComparison.Ordinal))
            .ToList();
        var after = framesOfKey.FindIndex(f => NumberedService.NumberOf(f.Frame.Bytes.Span).Connection == 1);
        (gap.Reason, gap.Frames).ShouldBe((GapReason.ConnectionLost, null));
        (gap.To!.Value - framesOfKey[after].At).Duration()
            .ShouldBeLessThan(TimeSpan.FromMilliseconds(1), "except for the ticks that keep times distinct");
        (gap.From!.Value - framesOfKey[after - 1].At).Duration().ShouldBeLessThan(TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task A_permanently_failed_session_stops_the_recorder_after_writing_all_received_frames()
    {
        await using var service = await NumberedService.StartAsync(new() { Frames = 500 });
        await using var client = await KisFeedClient.ConnectAsync(
            RunningRecorder.OptionsFor(service) with { Reconnect = ReconnectPolicy.Never });
        await using var recorder = CaptureRecorder.Start(client, RunningRecorder.OptionsFor(_folder.Path));
        foreach (var (trId, key) in NumberedService.Keys)
            await recorder.AddAsync(KisFeeds.Catalog.Feeds.Single(f => f.TrId == trId), key);
        while (recorder.Status.Received < 500)
            await Task.Delay(1);
        service.Drop(0);
        await Should.ThrowAsync<ConnectionLostException>(recorder.Completion);
        (recorder.Status.HasEnded, recorder.Status.Flushed, recorder.Status.Lost).ShouldBe((true, 500, 0));
        var recorded = await Recorded.ReadAsync(_folder.Path);
        recorded.Numbers.Count().ShouldBe(500);
        recorded.Events.Count(e => e.Kind == CaptureEventKind.Refused).ShouldBe(3);
        recorder.Refusals.Select(r => (r.Feed.TrId, r.Key)).ShouldBe(NumberedService.Keys);
    }

    [Fact]
    public async Task Order_notices_are_rejected_unless_enabled()
    {
        await using var service = await NumberedService.StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(RunningRecorder.OptionsFor(service));
        await using var recorder = CaptureRecorder.Start(client, RunningRecorder.OptionsFor(_folder.Path));
        (await Should.ThrowAsync<InvalidOperationException>(() => recorder.AddAsync(OrderNotice.Feed.Schema, "KIM1234"))).Message
            .ShouldContain("CaptureRecorderOptions.Notices");
        client.Registrations.ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_recorders_do_not_share_a_folder()
    {
        await using var service = await NumberedService.StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(RunningRecorder.OptionsFor(service));
        await using (CaptureRecorder.Start(client, RunningRecorder.OptionsFor(_folder.Path)))
        {
            Should.Throw<CaptureException>(() => CaptureRecorder.Start(client, RunningRecorder.OptionsFor(_folder.Path))).Message
                .ShouldContain("another recorder");
        }
        await using var next = CaptureRecorder.Start(client, RunningRecorder.OptionsFor(_folder.Path));
    }

    [Fact]
    public async Task Watchers_see_flushes_and_the_end()
    {
        using var watched = new ManualResetEventSlim();
        await using var service = await NumberedService.StartAsync(new() { Frames = 1_000 });
        await using var recording = await RunningRecorder.StartAsync(
            service,
            RunningRecorder.OptionsFor(_folder.Path) with { FlushInterval = TimeSpan.FromMilliseconds(1), BeforeFlush = watched.Wait });
        await using var watching = recording.Recorder.WatchAsync().GetAsyncEnumerator();
        var statuses = new List<CaptureRecorderStatus> { await NextAsync() };
        watched.Set();
        while (statuses[^1].Flushed < 1_000)
            statuses.Add(await NextAsync());
        (statuses[0].Flushed, statuses[^1].HasEnded).ShouldBe((0, false));

        var stopping = recording.Recorder.StopAsync();
        while (!statuses[^1].HasEnded)
            statuses.Add(await NextAsync());
        (await watching.MoveNextAsync()).ShouldBeFalse();
        (await stopping).Flushed.ShouldBe(1_000);
        statuses.Select(s => s.Flushed).ShouldBeInOrder();
        statuses[^1].Flushed.ShouldBe(1_000);

        async Task<CaptureRecorderStatus> NextAsync()
        {
            (await watching.MoveNextAsync().AsTask().WaitAsync(Patience.Limit)).ShouldBeTrue();
            return watching.Current;
        }
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        var options = RunningRecorder.OptionsFor(_folder.Path);
        foreach (var invalid in new[]
        {
            options with { FlushInterval = TimeSpan.Zero },
            options with { RetryInterval = TimeSpan.Zero },
            options with { StopTimeout = TimeSpan.FromSeconds(-1) },
        })
        {
            Should.Throw<ArgumentException>(invalid.Validate).Message.ShouldStartWith("CaptureRecorderOptions.");
        }
    }

    // Moved first: if files were deleted one by one, the recorder would create new ones beside them.
    private static void Remove(string folder)
    {
        var aside = $"{folder}.aside";
        Directory.Move(folder, aside);
        Directory.Delete(aside, recursive: true);
    }
}

using System.Text;
using KisFeed.Capture;
using KisFeed.Feeds;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;
using KisFeed.Wire;

namespace KisFeed.Gateway.Tests;

/// <summary>Recording in the gateway, which shares the registrations of the consumers.</summary>
public sealed class RecordingTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-gateway-");

    [Fact]
    public async Task Everything_that_a_consumer_received_is_in_the_recording_after_the_stop()
    {
        await using var testGateway = await OpenAsync(new SimulatorOptions { Rate = 5_000 });
        await using var consumer = await testGateway.ConnectAsync();
        await consumer.RegisterAsync(TestGateway.Index, "0001");
        await consumer.RegisterAsync("H0UNPGM0", "005930");
        await consumer.RegisterAsync("H0BJCNT0", "KR103502GA34");
        var begin = consumer.Frames.Count; // The recorder has a key before the consumer's registration is acknowledged.
        for (var i = 0; i < 1_000; i++)
            await consumer.ReceiveFrameAsync();

        // The consumer reads to the close frame, which follows all forwarded frames.
        var stopping = testGateway.Gateway.StopAsync();
        while (await consumer.ReceiveAsync() is { } text)
            consumer.Frames.Add(text);
        await stopping;

        var received = consumer.Frames[begin..];
        var recorded = await ReadAsync();
        var first = recorded.IndexOf(received[0]);
        first.ShouldBeGreaterThanOrEqualTo(0);
        recorded[first..].Take(received.Count).ShouldBe(received);
        testGateway.Simulator.Statistics.Sessions.ShouldBe(0);
    }

    // Data follows the acknowledgement at once: a publisher that waits for it lacks the first records of the recording.
    [Fact]
    public async Task A_publisher_attaches_to_a_key_before_upstream_has_acknowledged_it()
    {
        var publisher = new ObservedPublisher();
        await using var testGateway = await TestGateway.OpenAsync(
            with: options => TestGateway.Recording(options, _folder, (TestGateway.Index, "0001")) with { OpenPublisher = _ => publisher },
            isDown: true);

        await publisher.Added.WaitAsync(Patience.Limit);

        testGateway.Status.Registrations.ShouldNotContain(registration => registration.IsRegistered);
    }

    // Otherwise a consumer that was accepted before upstream was reachable lacks the first records, without a gap.
    [Fact]
    public async Task Consumers_have_a_key_from_its_first_record_even_if_the_publisher_takes_long()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var publisher = new ObservedPublisher { Answer = answer.Task };
        await using var testGateway = await OpenAsync(
            with: options => options with { Keep = [new GatewayKey(IndexTrade.Feed.Schema, "0001")], OpenPublisher = _ => publisher });

        await publisher.Added.WaitAsync(Patience.Limit);
        await Patience.UntilAsync(() => testGateway.Status.Recording!.Received > 0);

        await Patience.UntilAsync(() => testGateway.Status.Totals.FramesReceived > 0);
        answer.SetResult();
    }

    [Fact]
    public async Task Kept_keys_are_recorded_without_consumers_and_stay_after_consumers_have_left()
    {
        var time = new ManualTimeProvider();
        await using var testGateway = await OpenAsync(
            with: options => options with { TimeProvider = time, Keep = [new GatewayKey(IndexTrade.Feed.Schema, "0001")] });
        await Patience.UntilAsync(() => testGateway.Status.Recording!.Received > 10);
        testGateway.Status.Registrations.ShouldHaveSingleItem()
            .ShouldBe(new GatewayRegistration(TestGateway.Index, "0001", 0, IsRegistered: true, IsKept: true));

        await using (var consumer = await testGateway.ConnectAsync())
        {
            await consumer.RegisterAsync(TestGateway.Index, "0001");
            await consumer.ReceiveFrameAsync();
            testGateway.Status.Registrations.ShouldHaveSingleItem().Consumers.ShouldBe(1);
            await consumer.CloseAsync();
        }

        await Patience.UntilAsync(() => testGateway.Status.Registrations.Single().Consumers == 0);
        time.Advance(TimeSpan.FromMinutes(5));
        testGateway.Status.Registrations.ShouldHaveSingleItem().IsRegistered.ShouldBeTrue();
        var received = testGateway.Status.Totals.FramesReceived;
        await Patience.UntilAsync(() => testGateway.Status.Totals.FramesReceived > received);
    }

    [Fact]
    public async Task A_released_key_is_no_longer_recorded()
    {
        var time = new ManualTimeProvider();
        await using var testGateway = await OpenAsync(
            with: options => options with { TimeProvider = time, ReleaseGrace = TimeSpan.FromSeconds(30) });
        await using var consumer = await testGateway.ConnectAsync();
        await consumer.RegisterAsync(TestGateway.Index, "0001");
        await consumer.ReceiveFrameAsync();
        await consumer.ReleaseAsync(TestGateway.Index, "0001");
        time.Advance(TimeSpan.FromSeconds(30));

        await Patience.UntilAsync(() => testGateway.Simulator.Statistics.Registrations == 0);
        await Patience.UntilAsync(() => testGateway.Status.Registrations.Count == 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Order_notices_of_every_feed_are_recorded_only_on_request(bool isRequested)
    {
        string[] notices = [.. KisFeeds.Catalog.Feeds.Where(feed => feed.IsNotice).Select(feed => feed.TrId)];
        await using var testGateway = await OpenAsync(
            new SimulatorOptions { Rate = 2_000 },
            options => options with { Upstream = options.Upstream.Service! with { Environment = KisEnvironment.Simulator } },
            notices: isRequested);
        await using var consumer = await testGateway.ConnectAsync();
        foreach (var trId in notices)
            (await consumer.RegisterAsync(trId, "Anna")).IsSuccess.ShouldBeTrue(trId);
        await consumer.RegisterAsync(TestGateway.Index, "0001");
        var missing = notices.Select(trId => $"1|{trId}|").Append($"0|{TestGateway.Index}|").ToList();
        while (missing.RemoveAll(start => consumer.Frames.Exists(frame => frame.StartsWith(start, StringComparison.Ordinal))) >= 0
            && missing.Count > 0)
        {
            await consumer.ReceiveFrameAsync();
        }
        await testGateway.Gateway.StopAsync();

        var recorded = await ReadAsync();
        recorded.ShouldContain(frame => frame.StartsWith($"0|{TestGateway.Index}|", StringComparison.Ordinal));
        foreach (var trId in notices)
        {
            recorded.Exists(frame => frame.StartsWith($"0|{trId}|001|Anna^", StringComparison.Ordinal)).ShouldBe(isRequested, trId);
            var files = _folder.GetFiles($"{trId}*", SearchOption.AllDirectories);
            files.Length.ShouldBe(isRequested ? 1 : 0, trId);
            if (!OperatingSystem.IsWindows())
                files.ShouldAllBe(file => file.UnixFileMode == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }

        recorded.ShouldAllBe(frame => frame.StartsWith('0'));
    }

    [Fact]
    public async Task A_gateway_is_not_ready_while_it_cannot_record()
    {
        var movedFolder = $"{_folder.FullName}-aside";
        await using var testGateway = await OpenAsync(new SimulatorOptions { Rate = 500 });
        await using var consumer = await testGateway.ConnectAsync();
        await consumer.RegisterAsync(TestGateway.Index, "0001");
        using var web = new HttpClient { BaseAddress = testGateway.Gateway.RestUrl };
        await UntilAsync("ready\n");

        Directory.Move(_folder.FullName, movedFolder);
        await File.WriteAllTextAsync(_folder.FullName, "no folder any more");
        await UntilAsync("notRecording");
        (await web.GetStringAsync(new Uri("/healthz", UriKind.Relative))).ShouldBe("ok\n");
        File.Delete(_folder.FullName);
        Directory.Move(movedFolder, _folder.FullName);

        await UntilAsync("ready\n");

        async Task UntilAsync(string text)
        {
            using var deadline = new CancellationTokenSource(Patience.Limit);
            while (!(await (await web.GetAsync(new Uri("/readyz", UriKind.Relative), deadline.Token)).Content
                .ReadAsStringAsync(deadline.Token))
                .Contains(text, StringComparison.Ordinal))
            {
                await Task.Delay(5, deadline.Token);
            }
        }
    }

    [Fact]
    public async Task A_folder_in_use_by_another_recorder_is_an_error_at_the_start()
    {
        await using var testGateway = await OpenAsync();

        var error = await Should.ThrowAsync<CaptureException>(() => OpenAsync());

        error.Message.ShouldContain(_folder.FullName);
    }

    [Fact]
    public async Task An_invalid_kept_key_is_refused_at_the_start()
    {
        var options = new GatewayOptions
        {
            Upstream = TestGateway.ClientOf(new Uri("ws://127.0.0.1:1")),
            Keep = [new GatewayKey(IndexTrade.Feed.Schema, "KOSPI")],
        };

        (await Should.ThrowAsync<ArgumentException>(() => GatewayServer.StartAsync(options))).Message.ShouldContain("H0UPCNT0:KOSPI");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Task<TestGateway> OpenAsync(
        SimulatorOptions? simulator = null, Func<GatewayOptions, GatewayOptions>? with = null, bool notices = false)
    {
        var recording =
            new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = _folder.FullName }, Notices = notices };
        return TestGateway.OpenAsync(simulator, options => (with?.Invoke(options) ?? options) with { Recording = recording });
    }

    private async Task<List<string>> ReadAsync()
    {
        List<string> frames = [];
        await foreach (var frame in CaptureReader.Open(_folder.FullName).ReadFramesAsync())
            frames.Add(Encoding.UTF8.GetString(frame.Bytes.Span));
        return frames;
    }

    private sealed class ObservedPublisher : IFramePublisher
    {
        private readonly TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public FramePublisherStatus Status { get; } = new();

        public Task Added => _added.Task;

        public Task Answer { get; init; } = Task.CompletedTask;

        public Task AddAsync(FeedSchema feed, string key, CancellationToken cancellationToken)
        {
            _added.TrySetResult();
            return Answer;
        }

        public Task RemoveAsync(FeedSchema feed, string key) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

using System.Text;
using KisFeed.Capture;
using KisFeed.Feeds;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests;

/// <summary>What comes from upstream is recorded beside the consumers, who share its registrations.</summary>
public sealed class RecordingTests : IDisposable
{
    private const string Notices = "H0IFCNI0";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-gateway-");

    [Fact]
    public async Task Whatever_a_consumer_got_is_in_the_recording_when_the_gateway_has_stopped()
    {
        await using var stage = await OpenAsync(new SimulatorOptions { Rate = 5_000 });
        await using var consumer = await stage.ConnectAsync();
        await consumer.RegisterAsync(Stage.Index, "0001");
        await consumer.RegisterAsync("H0UNPGM0", "005930");
        await consumer.RegisterAsync("H0BJCNT0", "KR103502GA34");
        for (var i = 0; i < 1_000; i++)
            await consumer.ReceiveFrameAsync();

        // The consumer reads on to the close frame: it is not told of the end before all that was handed on.
        var stopping = stage.Gateway.StopAsync();
        while (await consumer.ReceiveAsync() is { } text)
            consumer.Frames.Add(text);
        await stopping;

        var recorded = await ReadAsync();
        var first = recorded.IndexOf(consumer.Frames[0]);
        first.ShouldBeGreaterThanOrEqualTo(0);
        recorded[first..].Take(consumer.Frames.Count).ShouldBe(consumer.Frames);
        stage.Simulator.Statistics.Sessions.ShouldBe(0);
    }

    [Fact]
    public async Task Keys_that_are_kept_are_recorded_though_nobody_wants_them_and_stay_when_who_wanted_them_has_gone()
    {
        var time = new ManualTimeProvider();
        await using var stage = await OpenAsync(with: options => options with { TimeProvider = time, Keep = [new GatewayKey(IndexTrade.Feed.Schema, "0001")] });
        await Patience.UntilAsync(() => stage.Gateway.Status.Recording!.Received > 10);
        stage.Gateway.Status.Registrations.ShouldHaveSingleItem().ShouldBe(new GatewayRegistration(Stage.Index, "0001", 0, IsRegistered: true, IsKept: true));

        await using (var consumer = await stage.ConnectAsync())
        {
            await consumer.RegisterAsync(Stage.Index, "0001");
            await consumer.ReceiveFrameAsync();
            stage.Gateway.Status.Registrations.ShouldHaveSingleItem().Consumers.ShouldBe(1);
            await consumer.CloseAsync();
        }

        await Patience.UntilAsync(() => stage.Gateway.Status.Registrations.Single().Consumers == 0);
        time.Advance(TimeSpan.FromMinutes(5));
        stage.Gateway.Status.Registrations.ShouldHaveSingleItem().IsRegistered.ShouldBeTrue();
        var received = stage.Gateway.Status.FramesReceived;
        await Patience.UntilAsync(() => stage.Gateway.Status.FramesReceived > received);
    }

    [Fact]
    public async Task A_key_is_recorded_no_more_when_it_is_released()
    {
        var time = new ManualTimeProvider();
        await using var stage = await OpenAsync(with: options => options with { TimeProvider = time, ReleaseGrace = TimeSpan.FromSeconds(30) });
        await using var consumer = await stage.ConnectAsync();
        await consumer.RegisterAsync(Stage.Index, "0001");
        await consumer.ReceiveFrameAsync();
        await consumer.ReleaseAsync(Stage.Index, "0001");
        time.Advance(TimeSpan.FromSeconds(30));

        await Patience.UntilAsync(() => stage.Simulator.Statistics.Registrations == 0);
        await Patience.UntilAsync(() => stage.Gateway.Status.Registrations.Count == 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Order_notices_are_recorded_where_that_is_asked_for_alone(bool isAskedFor)
    {
        await using var stage = await OpenAsync(notices: isAskedFor);
        await using var consumer = await stage.ConnectAsync();
        await consumer.RegisterAsync(Notices, "Anna");
        await consumer.RegisterAsync(Stage.Index, "0001");
        while (consumer.Frames.Count(f => f.StartsWith('1')) < 3 || consumer.Frames.Count(f => f.StartsWith('0')) < 3)
            await consumer.ReceiveFrameAsync();
        await stage.Gateway.StopAsync();

        var recorded = await ReadAsync();
        recorded.ShouldContain(frame => frame.StartsWith($"0|{Stage.Index}|", StringComparison.Ordinal));
        recorded.Any(frame => frame.Contains(Notices, StringComparison.Ordinal)).ShouldBe(isAskedFor);
    }

    [Fact]
    public async Task A_gateway_is_not_ready_while_it_cannot_record()
    {
        var aside = $"{_folder.FullName}-aside";
        await using var stage = await OpenAsync(new SimulatorOptions { Rate = 500 });
        await using var consumer = await stage.ConnectAsync();
        await consumer.RegisterAsync(Stage.Index, "0001");
        using var web = new HttpClient { BaseAddress = stage.Gateway.RestUrl };
        await UntilAsync("ready\n");

        Directory.Move(_folder.FullName, aside);
        await File.WriteAllTextAsync(_folder.FullName, "no folder any more");
        await UntilAsync("notRecording");
        (await web.GetStringAsync(new Uri("/healthz", UriKind.Relative))).ShouldBe("ok\n");
        File.Delete(_folder.FullName);
        Directory.Move(aside, _folder.FullName);

        await UntilAsync("ready\n");

        async Task UntilAsync(string text)
        {
            using var patience = new CancellationTokenSource(Patience.Limit);
            while (!(await (await web.GetAsync(new Uri("/readyz", UriKind.Relative), patience.Token)).Content.ReadAsStringAsync(patience.Token)).Contains(text, StringComparison.Ordinal))
                await Task.Delay(5, patience.Token);
        }
    }

    [Fact]
    public async Task A_folder_that_another_recorder_has_is_an_error_at_the_start()
    {
        await using var stage = await OpenAsync();

        var error = await Should.ThrowAsync<CaptureException>(() => OpenAsync());

        error.Message.ShouldContain(_folder.FullName);
    }

    [Fact]
    public async Task A_key_to_keep_that_cannot_be_is_refused_at_the_start()
    {
        var options = new GatewayOptions { Upstream = Stage.ClientOf(new Uri("ws://127.0.0.1:1")), Keep = [new GatewayKey(IndexTrade.Feed.Schema, "KOSPI")] };

        (await Should.ThrowAsync<ArgumentException>(() => GatewayServer.StartAsync(options))).Message.ShouldContain("H0UPCNT0:KOSPI");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Task<Stage> OpenAsync(SimulatorOptions? simulator = null, Func<GatewayOptions, GatewayOptions>? with = null, bool notices = false)
    {
        var recording = new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = _folder.FullName }, Notices = notices };
        return Stage.OpenAsync(simulator, options => (with?.Invoke(options) ?? options) with { Recording = recording });
    }

    private async Task<List<string>> ReadAsync()
    {
        List<string> frames = [];
        await foreach (var frame in CaptureReader.Open(_folder.FullName).ReadFramesAsync())
            frames.Add(Encoding.UTF8.GetString(frame.Bytes.Span));
        return frames;
    }
}

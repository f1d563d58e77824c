using System.Text;
using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.TestSupport;

namespace KisFeed.RabbitMq.Tests.Staging;

/// <summary>A client of a <see cref="NumberedService"/>, its recorder and its publisher.</summary>
internal sealed class PublishedSession : IAsyncDisposable
{
    // The nodes of a cluster wait for each other.
    private static readonly TimeSpan s_recoveryLimit = TimeSpan.FromMinutes(4);

    private readonly NumberedService _service;
    private readonly KisFeedClient _client;

    private PublishedSession(RabbitMqClusterOptions cluster, NumberedService service, KisFeedClient client, CaptureRecorder recorder)
    {
        Cluster = cluster;
        _service = service;
        _client = client;
        Recorder = recorder;
    }

    /// <summary>The streams to which the first publisher publishes.</summary>
    public RabbitMqClusterOptions Cluster { get; }

    public CaptureFolder Folder { get; private init; } = null!;

    public CaptureRecorder Recorder { get; }

    public RabbitMqPublisher Publisher { get; private set; } = null!;

    public NumberedService Service => _service;

    public KisFeedClient Client => _client;

    /// <summary>Starts everything. The publisher has every frame, because it has the keys before the service sends.</summary>
    public static async Task<PublishedSession> StartAsync(
        RabbitMqClusterOptions cluster,
        NumberedService.Options service,
        Func<RabbitMqPublisherOptions, RabbitMqPublisherOptions>? change = null)
    {
        var running = await NumberedService.StartAsync(service);
        var client = await KisFeedClient.ConnectAsync(new KisFeedOptions
        {
            AppKey = "PSabcdefghijklmnopqrstuvwxyz01234567",
            AppSecret = new string('s', 180),
            WebSocketUrl = running.Url,
            RequestInterval = TimeSpan.FromMilliseconds(100), // The publisher has a key before the request for it is sent.
            Reconnect = new ReconnectPolicy
            {
                InitialDelay = TimeSpan.FromMilliseconds(1),
                AppKeyInUseDelay = TimeSpan.FromMilliseconds(20),
                AttemptsPerMinute = 1000,
                AttemptsPerHour = 1000,
            },
        });
        var folder = new CaptureFolder();
        var recorder = CaptureRecorder.Start(
            client, new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = folder.Path, FlushToDisk = false } });
        var session = new PublishedSession(cluster, running, client, recorder) { Folder = folder };
        session.StartPublisher(cluster, change);
        foreach (var (trId, key) in NumberedService.Keys)
        {
            client.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
            try
            {
                await Task.WhenAll(recorder.AddAsync(feed!, key), session.Publisher.AddAsync(feed!, key));
            }
            catch (RabbitMqException) when (session.Publisher.Completion.IsFaulted)
            {
                // A test of a publisher that ends looks at its end.
            }
        }

        return session;
    }

    /// <summary>Starts a publisher without keys.</summary>
    public void StartPublisher(RabbitMqClusterOptions cluster, Func<RabbitMqPublisherOptions, RabbitMqPublisherOptions>? change = null)
    {
        var options =
            new RabbitMqPublisherOptions { Cluster = cluster, Source = "source", Recorder = Recorder, StopTimeout = s_recoveryLimit };
        Publisher = RabbitMqPublisher.Start(_client, change?.Invoke(options) ?? options);
    }

    /// <summary>Starts a publisher after the earlier one.</summary>
    public async Task RestartPublisherAsync(
        RabbitMqClusterOptions cluster, Func<RabbitMqPublisherOptions, RabbitMqPublisherOptions>? change = null)
    {
        StartPublisher(cluster, change);

        // All keys at once, before it has caught up: what arrives between that and a later key is not its own.
        await Task.WhenAll(NumberedService.Keys.Select(key =>
        {
            _client.Catalog.TryFind(key.TrId, out var feed).ShouldBeTrue();
            return Publisher.AddAsync(feed!, key.Key);
        }));
    }

    /// <summary>Waits until frames are sent as they are received.</summary>
    public Task UntilLiveAsync() => Patience.UntilAsync(
        () => Publisher.Completion.IsCompleted || Publisher.Status is { IsLive: true, Problem: null }, limit: s_recoveryLimit);

    /// <summary>Stops sending, and waits until everything is published.</summary>
    public async Task<FramePublisherStatus> FinishAsync()
    {
        await _service.PauseAsync();

        // What arrives after the publisher has stopped is only recorded. Of a lost connection not everything arrives.
        if (_service.Connections == 1)
            await Patience.UntilAsync(() => Recorder.Status.Received >= _service.SentOn(0));
        await Recorder.FlushAsync();
        await UntilLiveAsync();
        var status = await Publisher.StopAsync();
        await Publisher.Completion;
        await Recorder.StopAsync();
        return status;
    }

    /// <summary>The recorded frames with records of a key, in order.</summary>
    public async Task<List<(DateTimeOffset At, string Text)>> RecordedAsync(string key)
    {
        var frames = new List<(DateTimeOffset, string)>();
        await foreach (var frame in CaptureReader.Open(Folder.Path).ReadFramesAsync())
        {
            var text = Encoding.UTF8.GetString(frame.Bytes.Span);
            var (connection, number) = NumberedService.NumberOf(frame.Bytes.Span);
            if (NumberedService.IsOf(connection, number, key))
                frames.Add((frame.ReceivedAt, text));
        }

        return frames;
    }

    /// <summary>Checks that the capture has every frame that the service has sent, once.</summary>
    public async Task ShouldHaveRecordedEverythingAsync()
    {
        var numbers = new Dictionary<int, List<int>>();
        await foreach (var frame in CaptureReader.Open(Folder.Path).ReadFramesAsync())
        {
            var (connection, number) = NumberedService.NumberOf(frame.Bytes.Span);
            if (!numbers.TryGetValue(connection, out var list))
                numbers.Add(connection, list = []);
            list.Add(number);
        }

        Recorder.Status.Dropped.ShouldBe(0);
        foreach (var (connection, list) in numbers)
        {
            list.Order().SequenceEqual(Enumerable.Range(0, list.Count))
                .ShouldBeTrue($"frames of connection {connection} are missing in the capture, or are there twice");
        }

        // Of a lost connection, the last frames may not have arrived.
        if (_service.Connections == 1)
            numbers[0].Count.ShouldBe(_service.SentOn(0));
    }

    public async ValueTask DisposeAsync()
    {
        await Publisher.DisposeAsync();
        await Recorder.DisposeAsync();
        await _client.DisposeAsync();
        await _service.DisposeAsync();
        Folder.Dispose();
    }
}

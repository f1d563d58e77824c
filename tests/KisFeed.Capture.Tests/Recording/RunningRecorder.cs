namespace KisFeed.Capture.Tests.Recording;

/// <summary>A recorder of all keys of a <see cref="NumberedService"/>.</summary>
internal sealed class RunningRecorder : IAsyncDisposable
{
    private RunningRecorder(KisFeedClient client, CaptureRecorder recorder)
    {
        Client = client;
        Recorder = recorder;
    }

    public KisFeedClient Client { get; }

    public CaptureRecorder Recorder { get; }

    public static KisFeedOptions OptionsFor(NumberedService service) => new()
    {
        AppKey = "PSabcdefghijklmnopqrstuvwxyz01234567",
        AppSecret = new string('s', 180),
        WebSocketUrl = service.Url,
        RequestInterval = TimeSpan.Zero,
        Reconnect = new ReconnectPolicy
        {
            InitialDelay = TimeSpan.FromMilliseconds(1),
            AppKeyInUseDelay = TimeSpan.FromMilliseconds(20),
            AttemptsPerMinute = 1000,
            AttemptsPerHour = 1000,
        },
    };

    public static CaptureRecorderOptions OptionsFor(string folder) => new()
    {
        Writer = new CaptureWriterOptions { Directory = folder, FlushToDisk = false },
        RetryInterval = TimeSpan.FromMilliseconds(20),
    };

    public static async Task<RunningRecorder> StartAsync(NumberedService service, CaptureRecorderOptions options)
    {
        var client = await KisFeedClient.ConnectAsync(OptionsFor(service));
        try
        {
            var recording = new RunningRecorder(client, CaptureRecorder.Start(client, options));
            foreach (var (trId, key) in NumberedService.Keys)
            {
                client.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
                await recording.Recorder.AddAsync(feed!, key);
            }

            return recording;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Waits until the status satisfies a condition. Polls, because received frames alone do not change the published status.
    /// </summary>
    public async Task<CaptureRecorderStatus> UntilAsync(Func<CaptureRecorderStatus, bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            var status = Recorder.Status;
            if (condition(status))
                return status;
            limit.IsCancellationRequested.ShouldBeFalse($"the recorder's status does not satisfy the condition: {status}");
            await Task.Delay(5, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Recorder.DisposeAsync();
        await Client.DisposeAsync();
    }
}

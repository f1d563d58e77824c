using KisFeed.Capture;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Hub;

/// <summary>
/// Where the gateway's data come from: the source of frames, its recorder, sink and publisher, the hub, and the kept and placed keys.
/// </summary>
internal sealed class Upstream : IAsyncDisposable
{
    private readonly ILogger _logger;
    private readonly KeptKeys _keptKeys;
    private readonly DataSource? _source;

    private Upstream(FeedHub hub, GatewayOptions options, ILogger logger)
    {
        Hub = hub;
        _keptKeys = new KeptKeys(hub, options.Keep, options.TimeProvider, logger);
        Placed = new PlacedKeys(hub, options.TimeProvider);
        _source = options.KnownSource;
        _logger = logger;
    }

    public required IFrameSource Frames { get; init; }

    public CaptureRecorder? Recorder { get; private init; }

    public IRecordingSink? Sink { get; private init; }

    public IFramePublisher? Publisher { get; private init; }

    public FeedHub Hub { get; }

    public PlacedKeys Placed { get; }

    /// <summary>The source of the data, as configured or as reported by upstream.</summary>
    public DataSource Source =>
        _source ?? Frames.Sessions.Select(session => session.Source).FirstOrDefault(source => source is not null) ?? DataSource.Service;

    /// <summary>Starts to forward frames and events of a source. The source is disposed with the result, and if this fails.</summary>
    /// <exception cref="CaptureException">The folder of captures cannot be written to, or another recorder writes to it.</exception>
    public static async Task<Upstream> StartAsync(IFrameSource frames, GatewayOptions options, IHubSink items, ILogger logger)
    {
        CaptureRecorder? recorder = null;
        IRecordingSink? sink = null;
        IFramePublisher? publisher = null;
        try
        {
            recorder = options.Recording is { } recording ? CaptureRecorder.Start(frames, recording) : null;
            sink = options.OpenSink?.Invoke(options.MeterFactory!);
            publisher = recorder is null
                ? null
                : options.OpenPublisher?.Invoke(new FramePublisherContext(frames, recorder, options.MeterFactory!));
            var hub = new FeedHub(frames, options, items, logger, recorder, publisher);
            return new Upstream(hub, options, logger) { Frames = frames, Recorder = recorder, Sink = sink, Publisher = publisher };
        }
        catch
        {
            if (publisher is not null)
                await publisher.DisposeAsync().ConfigureAwait(false);
            if (sink is not null)
                await sink.DisposeAsync().ConfigureAwait(false);
            await frames.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops forwarding to consumers. The recorder keeps recording.</summary>
    public async Task StopForwardingAsync()
    {
        await _keptKeys.DisposeAsync().ConfigureAwait(false);
        await Hub.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Stops everything, after the recorder has written all received frames.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopForwardingAsync().ConfigureAwait(false);
        if (Publisher is not null)
            await Publisher.DisposeAsync().ConfigureAwait(false);
        if (Recorder is not null && await Recorder.StopAsync().ConfigureAwait(false) is { Lost: > 0 } end)
            GatewayLog.RecordingLost(_logger, end.Lost, end.Problem ?? "unknown");
        if (Sink is not null)
            await Sink.DisposeAsync().ConfigureAwait(false);
        await Frames.DisposeAsync().ConfigureAwait(false);
    }
}

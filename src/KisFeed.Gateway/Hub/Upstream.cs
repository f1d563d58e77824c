using KisFeed.Capture;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Hub;

/// <summary>The connection to the service: the client, its recorder and sink, the hub, and the pinned keys.</summary>
internal sealed class Upstream : IAsyncDisposable
{
    private static readonly TimeSpan s_refusalMemory = TimeSpan.FromMinutes(5);

    private readonly ILogger _logger;
    private readonly PinnedKeys _pinned;
    private readonly DataSource? _source;

    private Upstream(KisFeedClient client, CaptureRecorder? recorder, IRecordingSink? sink, FeedHub hub, PinnedKeys pinned, DataSource? source, ILogger logger)
    {
        _source = source;
        Client = client;
        Recorder = recorder;
        Sink = sink;
        Hub = hub;
        _pinned = pinned;
        _logger = logger;
    }

    public KisFeedClient Client { get; }

    public CaptureRecorder? Recorder { get; }

    /// <summary>Stores the recording elsewhere.</summary>
    public IRecordingSink? Sink { get; }

    public FeedHub Hub { get; }

    /// <summary>The registered keys, each with its number of consumers.</summary>
    public IReadOnlyList<GatewayRegistration> Registrations => [.. Hub.Registrations.Select(StatusOf)];

    /// <summary>The source of the data, as configured or as reported by upstream.</summary>
    public DataSource Source => _source ?? Client.Sessions.Select(session => session.Source).FirstOrDefault(source => source is not null) ?? DataSource.Service;

    /// <summary>Starts to forward frames and events of a client. The client is disposed with the result, and if this fails.</summary>
    /// <exception cref="CaptureException">The folder of captures cannot be written to, or another recorder writes to it.</exception>
    public static async Task<Upstream> StartAsync(KisFeedClient client, GatewayOptions options, IHubSink items, ILogger logger)
    {
        CaptureRecorder? recorder = null;
        IRecordingSink? sink = null;
        try
        {
            recorder = options.Recording is { } recording ? CaptureRecorder.Start(client, recording) : null;
            sink = options.OpenSink?.Invoke(options.MeterFactory!);
            var settings = SettingsOf(options);
            var hub = new FeedHub(client, settings, items, logger, recorder);
            return new Upstream(client, recorder, sink, hub, new PinnedKeys(hub, options.Keep, options.TimeProvider, logger), settings.Source, logger);
        }
        catch
        {
            if (sink is not null)
                await sink.DisposeAsync().ConfigureAwait(false);
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops forwarding to consumers. The recorder keeps recording.</summary>
    public async Task StopForwardingAsync()
    {
        await _pinned.DisposeAsync().ConfigureAwait(false);
        await Hub.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Stops everything, after the recorder has written all received frames.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopForwardingAsync().ConfigureAwait(false);
        if (Recorder is not null && await Recorder.StopAsync().ConfigureAwait(false) is { Lost: > 0 } end)
            GatewayLog.RecordingLost(_logger, end.Lost, end.Problem ?? "unknown");
        if (Sink is not null)
            await Sink.DisposeAsync().ConfigureAwait(false);
        await Client.DisposeAsync().ConfigureAwait(false);
    }

    private static HubSettings SettingsOf(GatewayOptions options) => new()
    {
        Registrations = new UpstreamRegistrationOptions
        {
            Places = options.Places,
            Pinned = options.Keep.Count,
            ReleaseGrace = options.ReleaseGrace,
            MinimumHold = options.MinimumHold,
            RefusalMemory = s_refusalMemory,
        },
        Source = options.Source == DataSource.Service ? null : options.Source,
        Environment = options.Upstream.Environment,
        RegisterTimeout = options.RegisterTimeout,
        RecordNotices = options.Recording is { Notices: true },
        TimeProvider = options.TimeProvider,
    };

    private GatewayRegistration StatusOf((HubKey Key, bool IsRegistered, int Leases) entry)
    {
        var isPinned = _pinned.Has(entry.Key);
        return new GatewayRegistration(entry.Key.TrId, Hub.IsNotice(entry.Key.TrId) ? null : entry.Key.Key, entry.Leases - (isPinned ? 1 : 0), entry.IsRegistered, isPinned);
    }
}

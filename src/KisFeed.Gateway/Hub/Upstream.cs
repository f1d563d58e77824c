using KisFeed.Capture;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway;

/// <summary>All that has to do with the service: the client, what records it, the hub, and the keys that stay registered.</summary>
internal sealed class Upstream : IAsyncDisposable
{
    private static readonly TimeSpan s_refusalMemory = TimeSpan.FromMinutes(5);

    private readonly ILogger _logger;
    private readonly PinnedKeys _kept;
    private readonly DataSource? _source;

    private Upstream(KisFeedClient client, CaptureRecorder? recorder, FeedHub hub, PinnedKeys kept, DataSource? source, ILogger logger)
    {
        _source = source;
        Client = client;
        Recorder = recorder;
        Hub = hub;
        _kept = kept;
        _logger = logger;
    }

    public KisFeedClient Client { get; }

    public CaptureRecorder? Recorder { get; }

    public FeedHub Hub { get; }

    /// <summary>What is registered, and for how many consumers.</summary>
    public IReadOnlyList<GatewayRegistration> Registrations => [.. Hub.Registrations.Select(StatusOf)];

    /// <summary>Where the data come from: as set up, or as upstream told.</summary>
    public DataSource Source => _source ?? Client.Sessions.Select(session => session.Source).FirstOrDefault(source => source is not null) ?? DataSource.Service;

    /// <summary>Connects, and hands on what comes from then on. The client is disposed with this, and where this fails.</summary>
    /// <exception cref="CaptureException">The folder to record into cannot be written to, or another recorder writes to it.</exception>
    public static async Task<Upstream> StartAsync(KisFeedClient client, GatewayOptions options, IHubSink sink, ILogger logger)
    {
        CaptureRecorder? recorder = null;
        try
        {
            recorder = options.Recording is { } recording ? CaptureRecorder.Start(client, recording) : null;
            var settings = SettingsOf(options);
            var hub = new FeedHub(client, settings, sink, logger, recorder);
            return new Upstream(client, recorder, hub, new PinnedKeys(hub, options.Keep, options.TimeProvider, logger), settings.Source, logger);
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Hands nothing on any more. What has been received goes on being recorded.</summary>
    public async Task SilenceAsync()
    {
        await _kept.DisposeAsync().ConfigureAwait(false);
        await Hub.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Ends it all, what was received being recorded first.</summary>
    public async ValueTask DisposeAsync()
    {
        await SilenceAsync().ConfigureAwait(false);
        if (Recorder is not null && await Recorder.StopAsync().ConfigureAwait(false) is { Lost: > 0 } end)
            GatewayLog.RecordingLost(_logger, end.Lost, end.Problem ?? "the disk");
        await Client.DisposeAsync().ConfigureAwait(false);
    }

    private static HubSettings SettingsOf(GatewayOptions options) => new()
    {
        Book = new BookRules
        {
            Places = options.Places,
            Kept = options.Keep.Count,
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
        var isKept = _kept.Has(entry.Key);
        return new GatewayRegistration(entry.Key.TrId, Hub.IsNotice(entry.Key.TrId) ? null : entry.Key.Key, entry.Leases - (isKept ? 1 : 0), entry.IsRegistered, isKept);
    }
}

using System.Runtime.ExceptionServices;
using KisFeed.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KisFeed.Hosting;

/// <summary>
/// Starts the client with the host, subscribes to the declared feeds, and stops with the host. Starting does not wait for a connection.
/// Invalid options, and handlers that cannot be created, fail the start.
/// </summary>
internal sealed class KisFeedService(
    IServiceProvider services, HostedFeeds feeds, ILogger<KisFeedService> logger, IHostApplicationLifetime lifetime)
    : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private IKisFeedClient? _client;
    private Task _running = Task.CompletedTask;
    private Exception? _reason;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var options = services.GetRequiredService<IOptionsMonitor<KisFeedOptions>>().Get(feeds.Name);
        (FeedSchema Feed, KeySubscriber Subscribe, string Key)[] subscriptions = [.. feeds.Declarations.SelectMany(d => Bind(d, options))];
        _client = feeds.Resolve<IKisFeedClient>(services);
        _running = Task.WhenAll([WatchAsync(_client), .. subscriptions.Select(s => SubscribeAsync(_client, s.Feed, s.Subscribe, s.Key))]);
        return Task.CompletedTask;
    }

    /// <summary>Closes the session. Queued records still reach their handlers within the host's shutdown timeout.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_client is null)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        try
        {
            await _client.DisposeAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            await _running.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            HostingLog.NotStoppedInTime(logger);
        }

        // The host's run ends with this exception, so its caller learns why it stopped.
        if (_reason is { } reason)
            ExceptionDispatchInfo.Throw(reason);
    }

    public void Dispose() => _stopping.Dispose();

    private IEnumerable<(FeedSchema Feed, KeySubscriber Subscribe, string Key)> Bind(FeedDeclaration declaration, KisFeedOptions options)
    {
        var keys = declaration.Keys(options);
        var subscribe = declaration.Bind(services);
        return keys.Select(key => (declaration.Feed, subscribe, key));
    }

    private async Task WatchAsync(IKisFeedClient client)
    {
        try
        {
            await client.Completion.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The reason is reported here; nobody else may observe the task.
        catch (Exception e)
#pragma warning restore CA1031
        {
            HostingLog.SessionEnded(logger, e.Message);
            if (feeds.Hosting.StopsHostWhenSessionEnds)
                StopHost(e);
        }
    }

    private async Task SubscribeAsync(IKisFeedClient client, FeedSchema feed, KeySubscriber subscribe, string key)
    {
        var name = feed.IsNotice ? feed.TrId : $"{feed.TrId} {key}";
        try
        {
            var ended = await subscribe(client, key, feedEvent => Unhandled(name, feedEvent), _stopping.Token).ConfigureAwait(false);
            await ended.ConfigureAwait(false);
        }
        catch (Exception) when (_stopping.IsCancellationRequested || client.Completion.IsCompleted)
        {
            // The subscription was ended on request, or the end of the session reports the reason.
        }
#pragma warning disable CA1031 // A failed subscription must not end the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            feeds.Failed[name] = e.Message;
            HostingLog.NotSubscribed(logger, name, e.Message);
            if (e is ConnectionLostException ? feeds.Hosting.StopsHostWhenSessionEnds : feeds.Hosting.StopsHostWhenRefused)
                StopHost(e);
        }
    }

    // The client itself reports malformed frames; their content must not be logged.
    private void Unhandled(string feed, FeedEvent feedEvent)
    {
        if (feedEvent is not MalformedFrame)
            HostingLog.DataMissing(logger, feed, feedEvent);
    }

    // A host that is stopped before it has started would throw a cancellation instead of the reason.
    private void StopHost(Exception reason)
    {
        Interlocked.CompareExchange(ref _reason, reason, null);
        lifetime.ApplicationStarted.Register(lifetime.StopApplication);
    }
}

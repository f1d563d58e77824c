using KisFeed.Server.Http;

namespace KisFeed.Simulator;

/// <summary>A server that speaks the broker's protocol on one port: REST for approval keys, WebSocket for the feeds.</summary>
public abstract class BrokerServer : IAsyncDisposable
{
    private protected BrokerServer(ServerHost host) => Host = host;

    /// <summary>The TCP port that the server listens on.</summary>
    public int Port => RestUrl.Port;

    /// <summary>The address of the REST API, which issues approval keys, e.g. <c>http://127.0.0.1:21000</c>.</summary>
    public Uri RestUrl => Host.RestUrl;

    /// <summary>The address of the feeds, e.g. <c>ws://127.0.0.1:21000</c>; with or without the path <c>/tryitout</c>.</summary>
    public Uri WebSocketUrl => Host.WebSocketUrl;

    private protected ServerHost Host { get; }

    /// <summary>
    /// Stops the data and closes every connection. Ends within about two seconds, whatever clients do. Safe to call more than once.
    /// </summary>
    /// <param name="readTime">Additional time for clients to read their queued frames.</param>
    public Task StopAsync(TimeSpan? readTime = null) => Host.StopOnceAsync(() => StopCoreAsync(readTime));

    /// <summary>Stops the server if it is running.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await Host.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    private protected abstract Task StopCoreAsync(TimeSpan? readTime);
}

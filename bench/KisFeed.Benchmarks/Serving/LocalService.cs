using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace KisFeed.Benchmarks.Serving;

/// <summary>
/// A service in the broker's protocol that admits every client and acknowledges every request. The frames are sent by its owner.
/// </summary>
internal sealed class LocalService : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string TrId, string Key)> _registrations = new();
    private readonly TaskCompletionSource<Stream> _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _application;

    private LocalService(WebApplication application)
    {
        _application = application;
        _application.MapPost(
            "/oauth2/Approval",
            (RequestDelegate)(context => context.Response.WriteAsync("""{"approval_key":"11111111-2222-3333-4444-555555555555"}""")));
        _application.Map("/tryitout", (RequestDelegate)ServeAsync);
    }

    public Uri Url => new UriBuilder(_application.Urls.Single()) { Scheme = "ws" }.Uri;

    /// <summary>Completes when the first key is registered, with the raw connection for WebSocket frames.</summary>
    public Task<Stream> Registered => _registered.Task;

    /// <summary>The registered keys.</summary>
    public IReadOnlyCollection<(string TrId, string Key)> Registrations => _registrations;

    public static async Task<LocalService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var service = new LocalService(builder.Build());
        await service._application.StartAsync();
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }

    // A manual handshake, so that prepared frames can be written to the stream, many at a time.
    private async Task ServeAsync(HttpContext context)
    {
        context.Response.Headers.SecWebSocketAccept = BareHandshake.Accept(context.Request.Headers.SecWebSocketKey.ToString());
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.Connection = "Upgrade";
        await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        using var socket = WebSocket.CreateFromStream(
            stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
                if (received.MessageType == WebSocketMessageType.Close)
                    return;
                using var request = JsonDocument.Parse(buffer.AsMemory(0, received.Count));
                var input = request.RootElement.GetProperty("body").GetProperty("input");
                var (trId, key) = (input.GetProperty("tr_id").GetString()!, input.GetProperty("tr_key").GetString()!);
                var answer = $$$"""{"header":{"tr_id":"{{{trId}}}","tr_key":"{{{key}}}","encrypt":"N"}"""
                    + ""","body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"SUBSCRIBE SUCCESS"}}""";
                await socket.SendAsync(
                    Encoding.UTF8.GetBytes(answer).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
                _registrations.Enqueue((trId, key));
                _registered.TrySetResult(stream);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            // The client has disconnected.
        }
    }
}

/// <summary>The frames that <see cref="PreparedServer"/> sends.</summary>
internal enum ServingMode
{
    /// <summary>Index trades in pieces of 64 KB, as fast as they are read.</summary>
    Index,

    /// <summary>A mix of feeds in pieces of 64 KB, as fast as they are read.</summary>
    Mix,

    /// <summary>5,000 index trades per second, one at a time, each with its sending time.</summary>
    Paced,

    /// <summary>100,000 different index trades per second, in a piece about every millisecond.</summary>
    PacedPieces,
}

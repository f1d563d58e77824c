using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace KisFeed.Benchmarks.Fanout;

/// <summary>A service with one client, the server that is measured: acknowledges what is asked for, and sends numbered frames, whose moments it remembers.</summary>
internal sealed class FanoutUpstream : IAsyncDisposable
{
    private const int MostAtOnce = 64;
    private const int Remembered = 1 << 16;

    private readonly long[] _sentAt = new long[Remembered];
    private readonly byte[] _frames = NumberedFrame.Many(MostAtOnce);
    private readonly TaskCompletionSource<Stream> _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication? _application;
    private int _next = NumberedFrame.First;

    /// <summary>Where it is.</summary>
    public Uri Url => new UriBuilder(_application!.Urls.Single()) { Scheme = "ws" }.Uri;

    /// <summary>The number that the next frame has.</summary>
    public int Next => Volatile.Read(ref _next);

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _application = builder.Build();
        _application.MapPost("/oauth2/Approval", (RequestDelegate)(context => context.Response.WriteAsync("""{"approval_key":"11111111-2222-3333-4444-555555555555"}""")));
        _application.Map("/tryitout", (RequestDelegate)ServeAsync);
        await _application.StartAsync();
    }

    /// <summary>When a frame was handed to the system, by <see cref="Stopwatch"/>. Of older frames it is forgotten.</summary>
    public long SentAt(int number) => Volatile.Read(ref _sentAt[number % Remembered]);

    /// <summary>Completes when the client has registered.</summary>
    public Task UntilRegisteredAsync(CancellationToken cancellationToken) => _registered.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);

    /// <summary>Sends as fast as consumers get it: the slowest of them is never further behind than the window.</summary>
    /// <param name="slowest">The last number that all consumers have.</param>
    /// <param name="window">Frames that may be on their way.</param>
    /// <param name="ending">Ends it, without an exception.</param>
    public async Task SendFreelyAsync(Func<int> slowest, int window, CancellationToken ending)
    {
        var stream = await _registered.Task;
        while (!ending.IsCancellationRequested)
        {
            var room = window - (_next - 1 - slowest());
            if (room <= 0)
                await Task.Delay(1, CancellationToken.None);
            else
                await SendAsync(stream, Math.Min(room, MostAtOnce));
        }
    }

    /// <summary>Sends at a rate, each frame by itself.</summary>
    /// <param name="rate">Frames a second.</param>
    /// <param name="ending">Ends it, without an exception.</param>
    public async Task SendPacedAsync(int rate, CancellationToken ending)
    {
        var stream = await _registered.Task;
        var (begun, sent) = (Stopwatch.GetTimestamp(), 0);
        while (!ending.IsCancellationRequested)
        {
            for (var due = (int)(Stopwatch.GetElapsedTime(begun).TotalSeconds * rate); sent < due; sent++)
                await SendAsync(stream, 1);
            await Task.Delay(1, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is null)
            return;
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }

    private async Task SendAsync(Stream stream, int count)
    {
        var length = NumberedFrame.Number(_frames, _next, count);
        var now = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
            Volatile.Write(ref _sentAt[(_next + i) % Remembered], now);
        Volatile.Write(ref _next, _next + count);
        await stream.WriteAsync(_frames.AsMemory(0, length));
    }

    // The handshake by hand: behind it frames are written as they stand, many at a time.
    private async Task ServeAsync(HttpContext context)
    {
        context.Response.Headers.SecWebSocketAccept = BareHandshake.Accept(context.Request.Headers.SecWebSocketKey.ToString());
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.Connection = "Upgrade";
        await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });
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
                var answer = $$$"""{"header":{"tr_id":"{{{input.GetProperty("tr_id")}}}","tr_key":"{{{input.GetProperty("tr_key")}}}","encrypt":"N"},"body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"SUBSCRIBE SUCCESS"}}""";
                await socket.SendAsync(Encoding.UTF8.GetBytes(answer).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
                _registered.TrySetResult(stream);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            // The client has gone.
        }
    }
}

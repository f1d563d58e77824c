using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.Benchmarks.Delay;

/// <summary>A service that acknowledges every request, sends numbered frames of one key, and stores their sending times.</summary>
/// <param name="frames">The number of frames.</param>
/// <param name="rate">Frames per second.</param>
internal sealed class StampedService(int frames, int rate) : IAsyncDisposable
{
    private readonly long[] _sentAt = new long[frames];
    private readonly TaskCompletionSource<WebSocket> _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication? _application;
    private int _sent;

    public Uri Url => new UriBuilder(_application!.Urls.Single()) { Scheme = "ws" }.Uri;

    /// <summary>The <see cref="Stopwatch"/> timestamp at which a frame was sent.</summary>
    public long SentAt(int number) => Volatile.Read(ref _sentAt[number]);

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _application = builder.Build();
        _application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        _application.MapPost("/oauth2/Approval", (RequestDelegate)(context => context.Response.WriteAsync("""{"approval_key":"11111111-2222-3333-4444-555555555555"}""")));
        _application.Map("/tryitout", (RequestDelegate)ServeAsync);
        await _application.StartAsync();
    }

    /// <summary>Completes when a client has registered.</summary>
    public Task WaitForRegistrationAsync() => _registered.Task.WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>Completes when a number of frames has been sent.</summary>
    public async Task WaitForSentAsync(int count, TimeSpan poll)
    {
        while (Volatile.Read(ref _sent) < count)
            await Task.Delay(poll);
    }

    /// <summary>Sends all frames at the rate, about every millisecond those that are due.</summary>
    public async Task SendAsync()
    {
        var socket = await _registered.Task;
        var startedAt = Stopwatch.GetTimestamp();
        for (var number = 0; number < frames;)
        {
            for (var due = Math.Min(frames, (int)(Stopwatch.GetElapsedTime(startedAt).TotalSeconds * rate)); number < due; number++)
            {
                var frame = Encoding.ASCII.GetBytes(string.Create(
                    CultureInfo.InvariantCulture,
                    $"0|H0UPCNT0|001|0001^091240^2624.54^2^32.68^{number}^1650684^439^10335^1.26^2615.72^2624.82^2610.00^23.86^2^32.96^2^18.14^2^0.92^1.27^0.70^0^670^72^177^0^0^0^19"));
                Volatile.Write(ref _sentAt[number], Stopwatch.GetTimestamp());
                await socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                Volatile.Write(ref _sent, number + 1);
            }

            await Task.Delay(1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is null)
            return;
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
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
                _registered.TrySetResult(socket);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            // The gateway has disconnected.
        }
    }
}

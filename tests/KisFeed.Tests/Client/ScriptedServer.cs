using System.Net.WebSockets;
using KisFeed.Wire.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.Tests.Client;

/// <summary>A WebSocket server that runs the script of a test, for behaviour that the simulator does not have.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private ScriptedServer(WebApplication application) => _application = application;

    public Uri Url => new UriBuilder(_application.Urls.Single()) { Scheme = "ws" }.Uri;

    public KisFeedOptions Options => new()
    {
        AppKey = "PSabcdefghijklmnopqrstuvwxyz01234567",
        AppSecret = new string('s', 180),
        WebSocketUrl = Url,
        RequestInterval = TimeSpan.Zero,
        Reconnect = ReconnectPolicy.Never,
    };

    public static async Task<ScriptedServer> StartAsync(
        Func<WebSocket, Task> script,
        string approval = """{"approval_key":"11111111-2222-3333-4444-555555555555"}""",
        Action<HttpRequest>? onRequest = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        application.Use(next => context =>
        {
            onRequest?.Invoke(context.Request);
            return next(context);
        });
        application.MapPost("/oauth2/Approval", () => Results.Content(approval, "application/json"));
        application.Map("/tryitout", async (HttpContext context) =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            try
            {
                await script(socket);
            }
            catch (WebSocketException)
            {
                // The client has closed.
            }
        });
        await application.StartAsync();
        return new ScriptedServer(application);
    }

    /// <summary>Acknowledges the given number of requests, then runs a script.</summary>
    public static Task<ScriptedServer> StartAcknowledgingAsync(int requests, Func<WebSocket, Task> then) => StartAsync(async socket =>
    {
        for (var i = 0; i < requests; i++)
            await AcknowledgeAsync(socket);
        await then(socket);
        await ReceiveAsync(socket);
    });

    public static async Task AcknowledgeAsync(WebSocket socket)
    {
        Request.TryParse(Encoding.UTF8.GetBytes((await ReceiveAsync(socket))!), out var request, out _).ShouldBeTrue();
        var code = request.Type == RequestType.Register ? "OPSP0000" : "OPSP0001";
        await SendAsync(socket, $$$"""{"header":{"tr_id":"{{{request.TrId}}}","tr_key":"{{{request.TrKey}}}","encrypt":"N"}"""
            + $$$""","body":{"rt_cd":"0","msg_cd":"{{{code}}}","msg1":"SUCCESS"}}""");
    }

    public static ValueTask SendAsync(WebSocket socket, string text, bool endOfMessage = true) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text).AsMemory(), WebSocketMessageType.Text, endOfMessage, CancellationToken.None);

    /// <summary>The next message; <see langword="null"/> if the client has closed.</summary>
    public static async Task<string?> ReceiveAsync(WebSocket socket)
    {
        var buffer = new byte[8192];
        var result = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        return result.MessageType == WebSocketMessageType.Close ? null : Encoding.UTF8.GetString(buffer, 0, result.Count);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
